import type { Field } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { hasPicture } from "../report/picture.ts";
import { isDrawable } from "../report/tiles.ts";
import type { SavedModel } from "./saved-model.ts";

/** More rows are no picture that can be looked at. */
const MOST_DRAWN = 10_000;

/** Throws ReparamError "usage" where a model lacks a use. `flag`: what needs it, where the command alone does not say. */
export function checkUse({ model, config, path }: SavedModel, use: string, flag?: string): void {
  if (Object.hasOwn(model.uses, use)) return;
  const has = new Intl.ListFormat("en-GB").format(Object.keys(model.uses));
  const what = `which has no use ${use}${flag === undefined ? "" : `, as ${flag} needs`}; it has ${has}`;
  throw new ReparamError("usage", `${path} is a model of the family ${config.model.family}, ${what}.`);
}

/** Throws ReparamError "usage" where what a use gives is no picture. */
export function checkDrawable({ model, path }: SavedModel, use: string): void {
  const { to } = model.uses[use];
  // Reconstructions stand beside their originals, which dots do not.
  if (use === "reconstruct" ? isDrawable(to) : hasPicture(to)) return;
  const what = `${to.kind === "image" ? "images" : `a ${to.kind}`} of ${to.shape.join("x")}`;
  throw new ReparamError("usage", `${path}: ${use} gives ${what}, which cannot be drawn; name a .npy file with --out.`);
}

/** Throws ReparamError "usage" for more rows than a picture can show. `fewer`: the flag that makes them fewer. */
export function checkDrawn(count: number, fewer = "--count"): void {
  if (count <= MOST_DRAWN) return;
  const advice = `name a .npy file with --out, or fewer with ${fewer}`;
  throw new ReparamError("usage", `A picture shows at most ${MOST_DRAWN} rows, and these are ${count}: ${advice}.`);
}

/** `samples.png: sample of runs/vae, 64 rows, 28x28x1 each` */
export function describeRows(file: string, what: string, count: number, { shape }: Pick<Field, "shape">): string {
  const size = shape.length > 0 ? `, ${shape.join("x")} each` : "";
  return `${file}: ${what}, ${count} ${count === 1 ? "row" : "rows"}${size}`;
}
