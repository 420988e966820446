import { ReparamError } from "../errors.ts";
import { createNode, type Node, shapeError } from "../graph/node.ts";
import type { Op } from "./op.ts";
import { transpose } from "./shape.ts";

/**
 * C = op(A) · op(B), where op transposes if `transposeA`, `transposeB` say so.
 * A: [M, K] (or [K, M]), B: [K, N] (or [N, K]) → [M, N].
 */
export const matmulOp: Op = {
  name: "matmul",
  arity: 2,
  shape: ([a, b], { transposeA, transposeB }) => {
    if (typeof transposeA !== "boolean" || typeof transposeB !== "boolean" || (transposeA && transposeB)) {
      throw new ReparamError(
        "config",
        `matmul: transposeA ${transposeA}, transposeB ${transposeB} is none of its three layouts.`,
      );
    }
    if (a.length !== 2 || b.length !== 2) throw shapeError("matmul", [a, b], "are not two matrices");
    const [m, k] = transposeA ? [a[1], a[0]] : a;
    const [k2, n] = transposeB ? [b[1], b[0]] : b;
    if (k !== k2) throw shapeError("matmul", [a, b], `do not chain: ${k} columns meet ${k2} rows`);
    return [m, n];
  },
  gradient: ({ inputs: [a, b], attributes: { transposeA, transposeB } }, dy) => [
    transposeA
      ? matmul(b, dy, { transposeA: transposeB as boolean, transposeB: true })
      : matmul(dy, b, { transposeB: !transposeB }),
    transposeB
      ? matmul(dy, a, { transposeA: true, transposeB: transposeA as boolean })
      : matmul(a, dy, { transposeA: !transposeA }),
  ],
  reference: ([a, b], { node }) => {
    const [m, n] = node.shape;
    const { transposeA, transposeB } = node.attributes;
    const k = node.inputs[0].shape[transposeA ? 0 : 1];
    const result = new Float64Array(m * n);
    for (let row = 0; row < m; row++) {
      for (let i = 0; i < k; i++) {
        const left = transposeA ? a[i * m + row] : a[row * k + i];
        for (let column = 0; column < n; column++) {
          result[row * n + column] += left * (transposeB ? b[column * k + i] : b[i * n + column]);
        }
      }
    }
    return result;
  },
  lowering: { kind: "product", depth: ({ inputs: [a], attributes }) => a.shape[attributes.transposeA ? 0 : 1] },
};

interface Transposes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

export function matmul(a: Node, b: Node, { transposeA = false, transposeB = false }: Transposes = {}): Node {
  // AᵀBᵀ = (BA)ᵀ: the kernels need only three layouts.
  if (transposeA && transposeB)
    return transpose(createNode(matmulOp, [b, a], { transposeA: false, transposeB: false }));
  return createNode(matmulOp, [a, b], { transposeA, transposeB });
}
