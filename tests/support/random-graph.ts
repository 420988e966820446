import fc from "fast-check";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect, type Graph, print } from "../../src/graph/graph.ts";
import { type Node, type Shape, sameShape, sizeOf } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";

/** One step of growing a graph: what to apply, to which of the nodes so far, and how (any number means something). */
interface Growth {
  readonly what: number;
  readonly first: number;
  readonly second: number;
  readonly how: number;
}

const LARGEST = 600;
const EXTENTS = [1, 2, 3, 4, 5, 7, 8, 12, 16];

const growth: fc.Arbitrary<Growth> = fc.record({
  what: fc.nat(33),
  first: fc.nat(1000),
  second: fc.nat(1000),
  how: fc.nat(2 ** 20),
});

/**
 * Random directed acyclic graphs: elementwise chains, broadcasting, matmuls of all layouts, reductions, views, noise,
 * values used several times, shaders of their own. Values stay near 1, and no op jumps, so that f32 and float64 must agree.
 * `gradient`: the outputs also hold the gradients of a scalar of everything in all leaves.
 */
export const randomGraph = (
  options: { minLength?: number; maxLength?: number; gradient?: boolean } = {},
): fc.Arbitrary<Graph> =>
  fc
    .record({
      start: fc.array(fc.constantFrom(...EXTENTS), { minLength: 1, maxLength: 3 }),
      growths: fc.array(growth, { minLength: options.minLength ?? 5, maxLength: options.maxLength ?? 25 }),
      outputs: fc.array(fc.nat(1000), { maxLength: 3 }),
    })
    .map(({ start, growths, outputs }) => {
      const graph = grow(start, growths, outputs, options.gradient ?? false);
      return { ...graph, [fc.toStringMethod]: () => `\n${print(graph)}\n` };
    });

function grow(start: Shape, growths: readonly Growth[], picks: readonly number[], gradient: boolean): Graph {
  const leaves: Node[] = [];
  const leaf = (shape: Shape): Node => {
    const node = ops.parameter(`p${leaves.length}`, shape);
    leaves.push(node);
    return node;
  };
  const nodes: Node[] = [leaf(start)];
  growths.forEach((step, index) => {
    // Mostly the youngest nodes, so that chains grow long.
    const back = step.first % 3 === 0 ? step.first : step.first % 4;
    const x = nodes[nodes.length - 1 - (back % nodes.length)];
    const y = nodes[step.second % nodes.length];
    const next = tamed(extend(x, y, step, leaf, `n${index}`));
    if (sizeOf(next.shape) <= LARGEST) nodes.push(next);
  });
  const chosen = [nodes[nodes.length - 1], ...picks.map((pick) => nodes[pick % nodes.length])];
  const outputs = Object.fromEntries(chosen.map((node, k) => [`y${k}`, node]));
  if (!gradient) return collect(outputs);
  const loss = chosen.map((node) => ops.mean(ops.square(node))).reduce((a, b) => ops.add(a, b));
  const slopes = gradients(loss, leaves);
  return collect({ ...outputs, loss, ...Object.fromEntries(slopes.map((slope, k) => [`d${k}`, slope])) });
}

const unary: readonly ((x: Node) => Node)[] = [
  ops.tanh,
  ops.sigmoid,
  ops.softplus,
  ops.relu,
  ops.gelu,
  ops.silu,
  ops.elu,
  ops.abs,
  ops.neg,
  ops.square,
  (x) => ops.leakyRelu(x, 0.2),
  (x) => ops.exp(ops.tanh(x)),
  (x) => ops.log(ops.add(1.5, ops.square(x))),
  (x) => ops.sqrt(ops.add(ops.square(x), 0.5)),
  (x) => ops.clamp(x, -0.7, 0.9),
  (x) => ops.expm1(ops.tanh(x)),
  (x) => ops.mul(ops.tanh(x), ops.tanh(x)),
  (x) => ops.stopGradient(x),
];

const binary: readonly ((x: Node, y: Node) => Node)[] = [
  ops.add,
  ops.sub,
  ops.mul,
  ops.squaredError,
  (x, y) => ops.div(x, ops.add(1.5, ops.square(y))),
  (x, y) => ops.add(ops.mul(x, y), y),
  (x, y) => ops.bceWithLogits(x, ops.sigmoid(y)),
  (x, y) => ops.klStandardNormal(x, ops.tanh(y)),
  (x, y) => ops.gaussianNll(x, ops.tanh(y), ops.mul(0.5, y)),
];

function extend(x: Node, y: Node, { what, second, how }: Growth, leaf: (shape: Shape) => Node, name: string): Node {
  if (what < 7) return unary[how % unary.length](x);
  if (what < 14) return binary[how % binary.length](x, fits(x, y) ? y : leaf(broadcastable(x.shape, how >> 4)));
  if (what < 19) return product(x, y, how, leaf);
  if (what < 23) {
    const axes = x.shape.map((_, k) => k).filter((k) => (how >> k) & 1);
    const keepDims = ((how >> 4) & 1) === 1;
    return [ops.sum, ops.mean, ops.max][(how >> 5) % 3](x, axes.length > 0 ? { axes, keepDims } : { keepDims });
  }
  if (what < 29) return view(x, second, how);
  if (what === 29) return together(x, y, how, leaf);
  if (what === 30) return ops.reparameterise(x, ops.tanh(x), ops.normal(name, x.shape));
  if (what === 31) return ops.mul(x, ops.bernoulli(name, ops.constant(0.7, x.shape)));
  return ownShader(x, how);
}

/** An op with a shader of its own, on x as images or as rows. */
function ownShader(x: Node, how: number): Node {
  const [width, channels] = [x.shape.at(-2) ?? 1, x.shape.at(-1) ?? 1];
  const image = ops.reshape(x, [1, sizeOf(x.shape) / (width * channels), width, channels]);
  switch (how % 4) {
    case 0:
      return ops.averagePool2d(image, { kernel: 2, stride: 1 + ((how >> 2) & 1), padding: "same" });
    case 1:
      return ops.resizeBilinear(image, [1 + ((how >> 2) & 3), width + ((how >> 4) & 1)]);
    case 2:
      return ops.gather(image, ops.mul(2, ops.iota([1 + ((how >> 2) & 7)])), 1 + ((how >> 5) % 3));
    default:
      return ops.scatterAdd(ops.reshape(x, [sizeOf(x.shape)]), ops.iota([sizeOf(x.shape)]), 3 + ((how >> 2) & 7));
  }
}

/** Whether y broadcasts with x to something no larger than allowed. */
function fits(x: Node, y: Node): boolean {
  const rank = Math.max(x.shape.length, y.shape.length);
  let size = 1;
  for (let k = 1; k <= rank; k++) {
    const [a, b] = [x.shape.at(-k) ?? 1, y.shape.at(-k) ?? 1];
    if (a !== b && a !== 1 && b !== 1) return false;
    size *= Math.max(a, b);
  }
  return size <= LARGEST;
}

/** A shape that broadcasts to `shape`: some axes of extent 1, some leading ones missing. */
const broadcastable = (shape: Shape, how: number): Shape =>
  shape.map((extent, k) => ((how >> k) & 1 ? 1 : extent)).slice(((how >> 4) & 3) === 3 ? 1 : 0);

function product(x: Node, y: Node, how: number, leaf: (shape: Shape) => Node): Node {
  const rows = x.shape.length === 0 ? 1 : x.shape[0];
  const a = ops.reshape(x, [rows, sizeOf(x.shape) / rows]);
  const inner = a.shape[1];
  const scale = (z: Node) => ops.mul(z, 1 / Math.sqrt(inner));
  if (y.shape.length === 2 && y.shape[0] === inner) return scale(ops.matmul(a, y));
  if (y.shape.length === 2 && y.shape[1] === inner) return scale(ops.matmul(a, y, { transposeB: true }));
  if (y.shape.length === 2 && y.shape[0] === rows)
    return ops.mul(ops.matmul(a, y, { transposeA: true }), 1 / Math.sqrt(rows));
  const columns = EXTENTS[how % EXTENTS.length];
  const bias = (how >> 5) % 2 === 0 ? leaf([columns]) : undefined;
  const z =
    (how >> 4) % 2 === 0
      ? ops.matmul(a, leaf([inner, columns]))
      : ops.matmul(a, leaf([columns, inner]), { transposeB: true });
  return bias ? ops.add(scale(z), bias) : scale(z);
}

function view(x: Node, second: number, how: number): Node {
  const { shape } = x;
  const rank = shape.length;
  switch (how % 6) {
    case 0:
      return ops.transpose(
        x,
        rotated(
          shape.map((_, k) => k),
          second,
        ),
      );
    case 1: {
      const starts = shape.map((extent, k) => ((how >> (3 + k)) & 1 ? Math.floor(extent / 3) : 0));
      return ops.slice(
        x,
        starts,
        shape.map((extent, k) => Math.max(1, extent - starts[k] - ((how >> (7 + k)) & 1))),
      );
    }
    case 2: {
      const starts = shape.map((_, k) => (how >> (3 + k)) & 3);
      return ops.pad(
        x,
        starts,
        shape.map((extent, k) => starts[k] + extent + ((how >> (9 + k)) & 1)),
      );
    }
    case 3:
      return ops.broadcastTo(x, [2 + (second % 3), ...shape]);
    case 4:
      return ops.reshape(x, rank > 1 ? [shape[0] * shape[1], ...shape.slice(2)] : [1, ...shape, 1]);
    default: {
      const even = shape.findIndex((extent) => extent % 2 === 0);
      if (even < 0) return ops.reshape(x, [...shape, 1]);
      return ops.reshape(x, [...shape.slice(0, even), 2, shape[even] / 2, ...shape.slice(even + 1)]);
    }
  }
}

const rotated = (axes: readonly number[], by: number): number[] =>
  axes.map((_, k) => axes[(k + 1 + (by % Math.max(1, axes.length))) % axes.length]);

function together(x: Node, y: Node, how: number, leaf: (shape: Shape) => Node): Node {
  if (x.shape.length === 0) return ops.concat([ops.reshape(x, [1]), leaf([3])], 0);
  const axis = how % x.shape.length;
  const others = (shape: Shape) => shape.filter((_, k) => k !== axis);
  if (y.shape.length === x.shape.length && sameShape(others(x.shape), others(y.shape)))
    return ops.concat([x, y, x], axis);
  const extent = 1 + ((how >> 3) % 4);
  return ops.concat([leaf(x.shape.map((old, k) => (k === axis ? extent : old))), x], axis);
}

/** Sums and products grow: brought back near 1 by a bound where they may have. */
function tamed(x: Node): Node {
  const growing = [
    "add",
    "sub",
    "mul",
    "squaredError",
    "gaussianNll",
    "klStandardNormal",
    "bceWithLogits",
    "sum",
    "square",
    "reparameterise",
  ];
  return growing.includes(x.op.name) ? ops.mul(2, ops.tanh(ops.mul(0.5, x))) : x;
}
