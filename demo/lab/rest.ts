import { effect } from "@preact/signals";
import { builtInNames } from "../../src/data/built-in-names.ts";
import { familyNames } from "../../src/models/family-by-name.ts";
import { loadData } from "./drawn-data.ts";
import { embedded } from "./embed.ts";
import { loadFamily } from "./families.ts";
import { loadFilm, loadModelReader, loadReader } from "./later-loads.ts";
import { opened } from "./run.ts";
import { phase } from "./state.ts";

type Load = () => Promise<unknown>;

/**
 * Loads what comes later while nothing else is done, one after the other, so that the page works without a connection, too. Not where
 * the visitor's browser saves data, nor in another page.
 */
export async function loadRest(panels: readonly Load[]): Promise<void> {
  const { connection } = navigator as { connection?: { readonly saveData?: boolean } };
  if (connection?.saveData || embedded) return;
  await opened;
  const data = builtInNames.map((name) => () => loadData(name));
  const families = familyNames.map((name) => () => loadFamily(name));
  for (const load of [...panels, ...data, loadReader, loadModelReader, ...families, loadFilm]) {
    await nothingTrains();
    await idle();
    await load().catch(() => {}); // whoever asks for it is told
  }
}

const nothingTrains = (): Promise<void> =>
  new Promise((resolve) => {
    const stop = effect(() => {
      if (phase.value === "compiling" || phase.value === "training") return;
      queueMicrotask(() => stop());
      resolve();
    });
  });

/** Where a browser does not say when it has time, a moment. */
const idle = (): Promise<unknown> =>
  new Promise((resolve) => ("requestIdleCallback" in window ? requestIdleCallback(resolve) : setTimeout(resolve, 200)));
