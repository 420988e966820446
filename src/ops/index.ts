import { ReparamError } from "../errors.ts";
import type { Op } from "../node/op.ts";
import * as activation from "./activation.ts";
import * as arithmetic from "./arithmetic.ts";
import * as conv from "./conv.ts";
import * as half from "./half.ts";
import * as indexing from "./indexing.ts";
import * as leaf from "./leaf.ts";
import * as loss from "./loss.ts";
import * as matmul from "./matmul.ts";
import * as noise from "./noise.ts";
import * as normalise from "./normalise.ts";
import * as pool from "./pool.ts";
import * as ranking from "./ranking.ts";
import * as reduce from "./reduce.ts";
import * as resample from "./resample.ts";
import * as shape from "./shape.ts";

const isOp = (value: unknown): value is Op =>
  typeof value === "object" && value !== null && "lowering" in value && "gradient" in value;

/** Every op by its name. */
export const ops: ReadonlyMap<string, Op> = new Map(
  [
    leaf,
    arithmetic,
    activation,
    shape,
    reduce,
    matmul,
    half,
    conv,
    pool,
    resample,
    indexing,
    ranking,
    loss,
    noise,
    normalise,
  ]
    .flatMap((family) => Object.values(family).filter(isOp))
    .map((op) => [op.name, op]),
);

export function opNamed(name: string): Op {
  const op = ops.get(name);
  if (!op) throw new ReparamError("config", `There is no op named "${name}".`);
  return op;
}
