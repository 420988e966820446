import { ReparamError } from "../errors.ts";
import { checkedShape, createNode, type Node, type Shape, sizeOf } from "../node/node.ts";
import type { Op } from "../node/op.ts";
import { gaussian4 } from "../random/gaussian.ts";
import { philox4x32, uniform4 } from "../random/philox.ts";
import { greater } from "./arithmetic.ts";

// Noise is counter-based: element i of a node at a step is a pure function of (seed, stream, step, i), so nothing is
// stored for the backward pass and nothing has to be saved for a resume. The stream is a hash of the node's name.
const defineNoise = (
  distribution: "uniform" | "normal",
  convert: (bits: readonly [number, number, number, number]) => readonly number[],
): Op => ({
  name: distribution,
  arity: 0,
  shape: (_, { shape }) => checkedShape(shape),
  gradient: () => [],
  reference: (_, { node, seed, step }) => {
    const result = new Float64Array(sizeOf(node.shape));
    const stream = streamOf(node.name!);
    for (let block = 0; block * 4 < result.length; block++) {
      const counter = [block, stream, step >>> 0, Math.floor(step / 2 ** 32)] as const;
      const four = convert(philox4x32(counter, seed));
      for (let k = 0; k < 4 && block * 4 + k < result.length; k++) result[block * 4 + k] = four[k];
    }
    return result;
  },
  lowering: { kind: "noise", distribution },
});

export const uniformOp = defineNoise("uniform", uniform4);
export const normalOp = defineNoise("normal", gaussian4);

/** The random stream of a noise node: FNV-1a of its name. `collect` refuses two names with one stream. */
export function streamOf(name: string): number {
  if (!name) throw new ReparamError("config", "A noise node needs a name: it selects its stream of random numbers.");
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Uniform noise in (0, 1), new at every step. Two nodes of one name and shape are the same numbers. */
export const uniform = (name: string, shape: Shape): Node => createNode(uniformOp, [], { shape }, name);

/** Standard normal noise, new at every step. */
export const normal = (name: string, shape: Shape): Node => createNode(normalOp, [], { shape }, name);

/** 1 with probability p, else 0; no gradient reaches p. p: any shape, in [0, 1]. */
export const bernoulli = (name: string, p: Node): Node => greater(p, uniform(name, p.shape));
