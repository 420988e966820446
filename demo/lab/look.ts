import { batch } from "@preact/signals";
import { type Examples, examples, REDRAWN } from "./examples.ts";
import { seeAgain } from "./hold.ts";
import { latest } from "./latest.ts";
import { codesOf, movePlane } from "./live-map.ts";
import { takesLabel, uses } from "./model.ts";
import { codeAt, principalPlane } from "./plane.ts";
import { keepMoment, moments } from "./snapshots.ts";
import {
  type Answers,
  answers,
  codes,
  plane,
  posteriors,
  reach,
  redrawn,
  running,
  SHEET,
  samples,
  sheet,
  step,
} from "./state.ts";

const SAMPLES = 64;

/**
 * Asks a model for everything that the page shows of it, and keeps that for comparing; `current` says whether the answers are
 * still wanted. `known`: its codes, where they came with it.
 */
export async function look(model: Answers, current: () => boolean, known?: Float32Array): Promise<void> {
  const can = new Set(uses.value);
  const [at, of] = [step.value, running.value];
  // A run that begins meanwhile has moments of its own.
  const keep = (behind = sheet.value) => running.value === of && keepMoment(at, behind);
  const seen = examples.value;
  const labels = { label: seen.labels as Uint8Array };
  if (can.has("encode")) {
    const found = known ?? (await codesOf(model, seen.x, takesLabel("encode") ? labels : {}));
    const pictures = can.has("reconstruct") ? await redraw(model, seen) : undefined;
    if (!current()) return;
    batch(() => {
      plane.value = principalPlane(found, found.length / seen.count, plane.value);
      codes.value = found;
      redrawn.value = pictures;
    });
    movePlane(model);
    // What follows takes longer, and the run may be left before it is there.
    keep(moments.value.at(-1)?.sheet);
  }
  seeAgain(); // with the codes, so that what is held lies among them where the model of that moment puts it
  if (can.has("decode") && !takesLabel("decode")) await paintSheet(model, current);
  else if (can.has("sample")) {
    const drawn = await drawSamples(model, seen);
    if (current()) samples.value = drawn;
  }
  if (can.has("reconstruct") && !can.has("encode")) {
    const pictures = await redraw(model, seen);
    if (!current()) return;
    redrawn.value = pictures;
  }
  if (current()) keep();
  if (can.has("posterior")) {
    const x = { x: seen.x, ...(takesLabel("posterior") && labels) };
    const found = await model.use("posterior", seen.count, x);
    if (!current()) return;
    posteriors.value = found;
  }
}

/** The first held-out examples as the model redraws them. */
function redraw(model: Answers, { x, labels, size, count }: Examples): Promise<Float32Array> {
  const some = Math.min(REDRAWN, count);
  const label = (labels as Uint8Array).subarray(0, some);
  return model.reconstruct(x.subarray(0, some * size), takesLabel("reconstruct") ? { label } : {});
}

/** Pictures from noise: ten of each class where the model is told the class. */
function drawSamples(model: Answers, { classes }: Examples): Promise<Float32Array> {
  if (!takesLabel("sample")) return model.sample(SAMPLES, { seed: 1 });
  const label = Uint8Array.from({ length: 10 * classes.length }, (_, k) => Math.floor(k / 10));
  return model.sample(label.length, { label, seed: 1 });
}

/** Decodes the grid anew: the map shows more or less than it did. */
export const paintAgain = latest(
  async (model: Answers) => {
    if (sheet.value) await paintSheet(model, () => answers.value === model);
  },
  () => {},
);

/** Decodes a grid over all that the map shows; once more where the map has come to show more meanwhile. */
export async function paintSheet(model: Answers, current: () => boolean): Promise<void> {
  for (;;) {
    const wanted = reach.value;
    const pictures = await model.decode(sheetCodes(wanted));
    if (!current()) return;
    sheet.value = { pictures, columns: SHEET.columns, reach: wanted };
    if (String(reach.value) === String(wanted)) return;
  }
}

/** The codes of the sheet's places, row by row from the top: [rows * columns, latent] */
function sheetCodes([across, up]: readonly [number, number]): Float32Array {
  const { columns, rows } = SHEET;
  const { latent } = plane.value;
  const grid = new Float32Array(columns * rows * latent);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = across * ((2 * (column + 0.5)) / columns - 1);
      const y = up * (1 - (2 * (row + 0.5)) / rows);
      grid.set(codeAt(x, y, plane.value), (row * columns + column) * latent);
    }
  }
  return grid;
}
