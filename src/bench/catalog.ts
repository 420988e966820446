import { ReparamError } from "../errors.ts";
import type { DeviceProfile } from "../gpu/profile.ts";
import { nearest } from "../nearest.ts";
import type { Family } from "./family.ts";
import { conv } from "./kernels/conv.ts";
import { elementwise, loss, noise, pick, reduce, reparameterise } from "./kernels/graphs.ts";
import { pool, upsample } from "./kernels/images.ts";
import { matmul } from "./kernels/matmul.ts";
import { norm } from "./kernels/norm.ts";
import { adam, gradientNorm } from "./kernels/optimizer.ts";
import { embedding, softmax, topK } from "./kernels/rows.ts";

/** Every built-in kernel family, by the name that the command line takes. */
export const families: Readonly<Record<string, Family>> = {
  matmul,
  conv,
  pool,
  upsample,
  elementwise,
  reduce,
  softmax,
  loss,
  norm,
  reparameterise,
  noise,
  pick,
  embedding,
  "top-k": topK,
  "gradient-norm": gradientNorm,
  adam,
};

/** Throws ReparamError "usage" for a name that there is not, with the nearest that there is. */
export function checkFamilies(names: readonly string[]): void {
  const known = Object.keys(families);
  for (const name of names) {
    if (Object.hasOwn(families, name)) continue;
    throw new ReparamError(
      "usage",
      `There is no kernel ${name}; did you mean ${nearest(name, known)}? There are ${known.join(", ")}.`,
    );
  }
}

/** Throws ReparamError "usage" where a shape is none of the family's. */
export function checkShapes(names: readonly string[], shapes: readonly string[]): void {
  const anywhere: DeviceProfile = { software: true, subgroups: false, reductionThreads: 64, reductionSteps: 64 };
  for (const name of names) families[name].cases({ shapes, variants: false, large: false, profile: anywhere });
}
