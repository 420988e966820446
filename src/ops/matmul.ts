import { ReparamError } from "../errors.ts";
import { matmulProduct } from "../kernels/matmul.ts";
import { broadcastShapes, createNode, type Node, type Shape, sameShape, shapeError, sizeOf } from "../node/node.ts";
import type { Op } from "../node/op.ts";
import { broadcastTo, reshape, transpose } from "./shape.ts";

/**
 * C = op(A) · op(B), where op transposes the last two axes if `transposeA`, `transposeB` say so.
 * A: [..., M, K] (or [..., K, M]), B: [..., K, N] (or [..., N, K]) → [..., M, N]. The leading axes are those of the
 * result, or all 1 or missing: then every product has the same matrix there.
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
    if (a.length < 2 || b.length < 2) throw shapeError("matmul", [a, b], "are not two matrices");
    const [m, k] = transposeA ? [a[a.length - 1], a[a.length - 2]] : a.slice(-2);
    const [k2, n] = transposeB ? [b[b.length - 1], b[b.length - 2]] : b.slice(-2);
    if (k !== k2) throw shapeError("matmul", [a, b], `do not chain: ${k} columns meet ${k2} rows`);
    const batch = broadcastShapes("matmul", leading(a), leading(b));
    const fits = (shape: Shape) => sameShape(leading(shape), batch) || sizeOf(leading(shape)) === 1;
    if (!fits(a) || !fits(b)) throw shapeError("matmul", [a, b], "have leading axes that differ");
    return [...batch, m, n];
  },
  gradient: ({ inputs: [a, b], attributes: { transposeA, transposeB } }, dy) => {
    const da = transposeA
      ? matmul(b, dy, { transposeA: transposeB as boolean, transposeB: true })
      : matmul(dy, b, { transposeB: !transposeB });
    const db = transposeB
      ? matmul(dy, a, { transposeA: true, transposeB: transposeA as boolean })
      : matmul(a, dy, { transposeA: !transposeA });
    return [da, db];
  },
  reference: ([a, b], { node }) => {
    const { batch, m, n, k, transposeA, transposeB, sharedA, sharedB } = matmulExtents(node);
    const result = new Float64Array(batch * m * n);
    for (let product = 0; product < batch; product++) {
      const from = { a: sharedA ? 0 : product * m * k, b: sharedB ? 0 : product * k * n, c: product * m * n };
      for (let row = 0; row < m; row++) {
        for (let i = 0; i < k; i++) {
          const left = a[from.a + (transposeA ? i * m + row : row * k + i)];
          for (let column = 0; column < n; column++) {
            result[from.c + row * n + column] += left * b[from.b + (transposeB ? column * k + i : i * n + column)];
          }
        }
      }
    }
    return result;
  },
  lowering: {
    kind: "product",
    depth: (node) => matmulExtents(node).k,
    product: (node, profile, epilogue) => {
      const product = matmulProduct({ ...matmulExtents(node), profile, epilogue, sliceable: !epilogue });
      const { parts, m, k, n, layout } = product;
      return { product, shape: `${parts > 1 ? `${parts}x` : ""}${m}x${k}x${n} ${layout}` };
    },
  },
};

const leading = (shape: Shape): Shape => shape.slice(0, -2);

/** A matmul node in numbers: `batch` products of [M, K] and [K, N], of which all may have one A or one B. */
export function matmulExtents({ inputs: [a, b], attributes, shape }: Node) {
  const transposeA = attributes.transposeA as boolean;
  const transposeB = attributes.transposeB as boolean;
  const [m, n] = shape.slice(-2);
  const batch = sizeOf(leading(shape));
  return {
    batch,
    m,
    n,
    k: a.shape[a.shape.length - (transposeA ? 2 : 1)],
    transposeA,
    transposeB,
    sharedA: sizeOf(leading(a.shape)) < batch,
    sharedB: sizeOf(leading(b.shape)) < batch,
  };
}

interface Transposes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * The matrix product over the last two axes; the leading axes broadcast by NumPy's rule.
 * a: [..., M, K] ([..., K, M] with `transposeA`), b: [..., K, N] ([..., N, K] with `transposeB`) → [..., M, N].
 */
export function matmul(a: Node, b: Node, { transposeA = false, transposeB = false }: Transposes = {}): Node {
  // AᵀBᵀ = (BA)ᵀ: the kernels need only three layouts.
  if (transposeA && transposeB) {
    const product = matmul(b, a);
    const axes = product.shape.map((_, k) => k);
    return transpose(product, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
  }
  const [leadA, leadB] = [leading(a.shape), leading(b.shape)];
  const batch = broadcastShapes("matmul", leadA, leadB);
  // Rows of all products in one: a matrix that they share is read once, and its gradient needs no sum over products.
  if (batch.length > 0 && sizeOf(leadB) === 1 && !transposeA && a.shape.length > 1 && b.shape.length > 1) {
    const rows = reshape(a, [sizeOf(a.shape.slice(0, -1)), a.shape[a.shape.length - 1]]);
    const product = createNode(matmulOp, [rows, reshape(b, b.shape.slice(-2))], { transposeA, transposeB });
    return reshape(product, [...batch, a.shape[a.shape.length - 2], product.shape[1]]);
  }
  // The kernels know no more than all matrices or one.
  const spread = (x: Node, lead: Shape) => {
    const shape = [...batch, ...x.shape.slice(-2)];
    return sizeOf(lead) === 1 ? x : sizeOf(lead) === sizeOf(batch) ? reshape(x, shape) : broadcastTo(x, shape);
  };
  return createNode(matmulOp, [spread(a, leadA), spread(b, leadB)], { transposeA, transposeB });
}
