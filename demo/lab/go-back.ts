import { batch } from "@preact/signals";
import { lossesUpTo, raised } from "./raised.ts";
import { train } from "./run.ts";
import type { Kept } from "./session.ts";
import { moments } from "./snapshots.ts";
import { changes, codes, epochs, losses, settings } from "./state.ts";

/** Goes on from before the learning rate was raised, at the rate of then. */
export function goBack(): void {
  const found = raised.value;
  if (!found) return;
  const { step: last, bytes, learningRate } = found;
  const upTo = <T extends { readonly step: number }>(all: readonly T[]) => all.filter(({ step }) => step <= last);
  const curves = { epochs: upTo(epochs.value), losses: losses.value.slice(0, lossesUpTo(last)) };
  batch(() => {
    settings.value = { ...settings.value, learningRate };
    changes.value = upTo(changes.value);
    moments.value = upTo(moments.value);
    train({ resume: { bytes, step: last, ...curves, codes: codes.value as Kept["codes"] } });
  });
}
