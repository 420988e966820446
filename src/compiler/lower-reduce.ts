import { type DeviceProfile, keepsLoops } from "../gpu/profile.ts";
import { linearGrid } from "../kernels/geometry.ts";
import { link } from "../kernels/link.ts";
import { createNode, type Node } from "../node/node.ts";
import type { Op } from "../node/op.ts";
import { inputOp } from "../ops/leaf.ts";
import { sumOp } from "../ops/reduce.ts";
import { reduceReduce } from "../shaders/reduce/reduce.generated.ts";
import type { Draft } from "./draft.ts";
import { extentsOf, type WrittenGroup, writeGroup } from "./groups.ts";
import { bindingsOf, declarations, describe, indent, labelOf, storeLines, WORKGROUP } from "./listing.ts";

/** One dispatch, or two where a row is split into chunks. */
export function lowerReduce(written: WrittenGroup, profile: DeviceProfile): Draft[] {
  const { group, lanes, body, values } = written;
  const { outer, reduced, inner } = extentsOf(group);
  const alongRow = lanes === 4 && inner === 1;
  const steps = alongRow ? reduced / 4 : reduced;
  const columns = alongRow || lanes === 1 ? inner : inner / 4;
  const chunks = chunksFor(outer * columns, steps, profile);
  const operands = values.slice(group.stores.length);
  const combines = group.reductions.map(combineOf);

  const partials = group.reductions.map((reduction) =>
    chunks === 1
      ? reduction
      : createNode(inputOp, [], { shape: [outer, chunks, inner] }, `partial ${reduction.op.name}`),
  );
  const type = lanes === 4 ? "vec4f" : "f32";
  const safeMax = lanes === 4 ? "safe_max4" : "safe_max";
  const start = (k: number) => (combines[k] === "sum" ? "0.0" : "negative_infinity()");
  const result = (k: number) => (alongRow ? horizontal(`s${k}`, combines[k]) : `s${k}`);
  const first = group.stores.length;
  const draft: Draft = {
    ...describe(written),
    kernel: "reduce/reduce",
    code: link(reduceReduce, {
      bindings: declarations(written, 0, [
        ...group.stores.map((node) => ({ node, lanes })),
        ...partials.map((node) => ({ node, lanes: alongRow ? (1 as const) : lanes })),
      ]),
      accumulators: indent(
        operands.map((_, k) => `var s${k} = ${type}(${start(k)});`),
        2,
      ),
      body: indent(
        [
          ...body.lines,
          ...storeLines(group, values, lanes),
          ...operands.map((value, k) =>
            combines[k] === "sum" ? `s${k} += ${value};` : `s${k} = ${safeMax}(s${k}, ${value});`,
          ),
        ],
        4,
      ),
      results: indent(
        operands.map((_, k) => `out${first + k}[item] = ${result(k)};`),
        2,
      ),
    }),
    constants: {
      OUTER: outer,
      REDUCED: steps,
      INNER: columns,
      CHUNKS: chunks,
      LANES: lanes,
      ROLLED: Number(keepsLoops(profile)),
    },
    bindings: bindingsOf(written, [...group.stores, ...partials]),
    workgroups: linearGrid(outer * chunks * columns, WORKGROUP),
  };
  if (chunks === 1) return [draft];
  return [
    draft,
    ...group.reductions.flatMap((reduction, k) => combinePartials(partials[k], reduction, reduction.op, profile)),
  ];
}

/** The second pass: the partial results [outer, chunks, inner] of a split sum or maximum, combined in their order. */
export function combinePartials(partial: Node, result: Node, op: Op, profile: DeviceProfile): Draft[] {
  const last = createNode(op, [partial], { from: 1, to: 2 });
  const pass = writeGroup(
    { kind: "reduce", shape: partial.shape, stores: [], reductions: [last] },
    { inMemory: (node) => node === partial, scheduleIndex: () => 0 },
    // As those who read the result do: loops of one workgroup hand on what has one type only.
    (result.shape.at(-1) ?? 1) % 4 === 0 ? 4 : 1,
  );
  return lowerReduce(pass, { ...profile, reductionThreads: 1 }).map((draft) => ({
    ...draft,
    label: labelOf(result),
    bindings: draft.bindings.map((binding) => (binding.node === last ? { ...binding, node: result } : binding)),
  }));
}

/** Additions in a row: more of them lose digits (65,000 were measured to be off by 1e-5). */
const LONGEST_CHAIN = 2048;

/** Threads of one row or column: enough to fill the device, as long as each has something to do, but not too much. */
function chunksFor(rows: number, steps: number, { reductionThreads, reductionSteps }: DeviceProfile): number {
  const wanted = Math.min(Math.ceil(reductionThreads / rows), Math.floor(steps / reductionSteps));
  return Math.max(1, wanted, Math.ceil(steps / LONGEST_CHAIN));
}

const combineOf = ({ op }: Node): "sum" | "max" => (op === sumOp ? "sum" : "max");

const horizontal = (s: string, combine: "sum" | "max"): string =>
  combine === "sum"
    ? `(${s}.x + ${s}.y) + (${s}.z + ${s}.w)`
    : `safe_max(safe_max(${s}.x, ${s}.y), safe_max(${s}.z, ${s}.w))`;
