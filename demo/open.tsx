import { render } from "preact";
import { nextTask } from "../src/data/slices.ts";
import { isDark, onScheme } from "./drawing/colours.ts";
import { findEarlier } from "./lab/earlier-runs.ts";
import { drawExamples, shownData } from "./lab/examples.ts";
import { walkByHand } from "./lab/hand.ts";
import { release } from "./lab/hold.ts";
import { showKept } from "./lab/kept-run.ts";
import { followLink } from "./lab/link.ts";
import { openLinked } from "./lab/open-files.ts";
import { open, opened, pauseWhileHidden, startsAtOnce } from "./lab/run.ts";
import { BEGINNING, toHash } from "./lab/settings.ts";
import { showShipped } from "./lab/shipped.ts";
import { shortenTurns } from "./lab/short-turns.ts";
import { settings } from "./lab/state.ts";
import { App } from "./panels/app.tsx";
import { parts } from "./panels/later.tsx";
import { followHistory } from "./panels/place.ts";

/** Shows the page, and then what it has to show: the model of a link, the run of the last visit, or the one that comes with it. */
export async function openPage(): Promise<void> {
  const { data } = settings.value;
  shownData.value = data;
  // Each in a task of its own, so that the page answers in between.
  await nextTask();
  await drawExamples(data);
  release();
  await nextTask();
  const root = document.getElementById("app")!;
  render(<App key={isDark()} />, root);
  // Canvases hold colours, so all of them are drawn anew.
  onScheme(() => render(<App key={isDark()} />, root));
  void findEarlier();
  if (navigator.maxTouchPoints > 0)
    void import("./panels/slider-touch.ts").then(({ steadySliders }) => steadySliders());
  void import("./panels/menus.ts").then(({ closeMenus }) => closeMenus());
  followLink();
  followHistory(() => toHash(settings.value));
  pauseWhileHidden();
  shortenTurns();
  void open();
  const model = new URLSearchParams(location.search).get("model");
  if (model) void opened.then(() => openLinked(model));
  // The shipped model knows digits: to who asks for other data it would show what they did not ask for.
  else if ((startsAtOnce || !(await showKept())) && data === BEGINNING.data) await showShipped(walkByHand);
  const { loadRest } = await import("./lab/rest.ts");
  void loadRest(parts);
}
