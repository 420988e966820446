import type { DeviceProfile } from "../gpu/profile.ts";
import { createNode, type Node, sizeOf } from "../graph/node.ts";
import { linearGrid } from "../kernels/geometry.ts";
import { link } from "../kernels/link.ts";
import { matmulKernel } from "../kernels/matmul.ts";
import { inputOp } from "../ops/leaf.ts";
import { sumOp } from "../ops/reduce.ts";
import { type Draft, STATE } from "./draft.ts";
import { extentsOf, type Group, groupOutputs, type WrittenGroup, writeGroup } from "./groups.ts";

const WORKGROUP = 64;

/** The dispatches of one group: one, or two where a reduction is split into chunks. */
export function lowerGroup(written: WrittenGroup, profile: DeviceProfile): Draft[] {
  switch (written.group.kind) {
    case "map":
      return [lowerMap(written)];
    case "reduce":
      return lowerReduce(written, profile);
    case "matmul":
      return [lowerMatmul(written, profile)];
  }
}

function lowerMap(written: WrittenGroup): Draft {
  const { group, lanes, body, values } = written;
  const items = sizeOf(group.shape) / lanes;
  return {
    ...describe(written),
    kernel: "elementwise/map",
    code: link("elementwise/map.wgsl", {
      bindings: declarations(
        written,
        0,
        group.stores.map((node) => ({ node, lanes })),
      ),
      body: indent([...body.lines, ...storeLines(group, values, lanes)], 2),
    }),
    constants: { ITEMS: items, LANES: lanes },
    bindings: bindingsOf(written, group.stores),
    workgroups: linearGrid(items, WORKGROUP),
  };
}

function lowerReduce(written: WrittenGroup, profile: DeviceProfile): Draft[] {
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
  const start = (k: number) => (combines[k] === "sum" ? "0.0" : "-3.4028234663852886e38");
  const result = (k: number) => (alongRow ? horizontal(`s${k}`, combines[k]) : `s${k}`);
  const first = group.stores.length;
  const draft: Draft = {
    ...describe(written),
    kernel: "reduce/reduce",
    code: link("reduce/reduce.wgsl", {
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
            combines[k] === "sum" ? `s${k} += ${value};` : `s${k} = max(s${k}, ${value});`,
          ),
        ],
        4,
      ),
      results: indent(
        operands.map((_, k) => `out${first + k}[item] = ${result(k)};`),
        2,
      ),
    }),
    constants: { OUTER: outer, REDUCED: steps, INNER: columns, CHUNKS: chunks, LANES: lanes },
    bindings: bindingsOf(written, [...group.stores, ...partials]),
    workgroups: linearGrid(outer * chunks * columns, WORKGROUP),
  };
  if (chunks === 1) return [draft];
  return [draft, ...group.reductions.flatMap((reduction, k) => finish(partials[k], reduction))];

  /** The second pass: the same kernel over [outer, chunks, inner], with one chunk. */
  function finish(partial: Node, reduction: Node): Draft[] {
    const last = createNode(reduction.op, [partial], { from: 1, to: 2 });
    const pass = writeGroup(
      { kind: "reduce", shape: partial.shape, stores: [], reductions: [last] },
      { inMemory: (node) => node === partial, scheduleIndex: () => 0 },
    );
    return lowerReduce(pass, { ...profile, reductionThreads: 1 }).map((draft) => ({
      ...draft,
      label: labelOf(reduction),
      bindings: draft.bindings.map((binding) => (binding.node === last ? { ...binding, node: reduction } : binding)),
    }));
  }
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
  combine === "sum" ? `(${s}.x + ${s}.y) + (${s}.z + ${s}.w)` : `max(max(${s}.x, ${s}.y), max(${s}.z, ${s}.w))`;

function lowerMatmul(written: WrittenGroup, profile: DeviceProfile): Draft {
  const { group, body, values } = written;
  const [a, b] = group.matmul!.inputs;
  const [end] = group.stores;
  const epilogue = end !== group.matmul;
  const kernel = matmulKernel({
    m: group.shape[0],
    n: group.shape[1],
    k: a.shape[group.matmul!.attributes.transposeA ? 0 : 1],
    transposeA: group.matmul!.attributes.transposeA as boolean,
    transposeB: group.matmul!.attributes.transposeB as boolean,
    profile,
    ...(epilogue && {
      epilogue: {
        bindings: declarations(written, 3, []),
        body: indent([`let i = row * ${group.shape[1]}u + column;`, ...body.lines, `return ${values[0]};`], 2),
      },
    }),
  });
  return {
    ...describe(written),
    ...kernel,
    flops: 2 * sizeOf(group.shape) * a.shape[group.matmul!.attributes.transposeA ? 0 : 1],
    bindings: [
      { node: a, access: "read" },
      { node: b, access: "read" },
      { node: end, access: "read_write" },
      ...readBindings(written),
    ],
  };
}

// --- text and tables shared by the families -------------------------------------------------------------------------

function describe({ group, reads, values }: WrittenGroup): Pick<Draft, "label" | "shape" | "flops" | "bytes"> {
  const outputs = groupOutputs(group);
  const elements = [...reads, ...outputs].reduce((sum, node) => sum + sizeOf(node.shape), 0);
  return {
    label: outputs.map(labelOf).join(", "),
    shape: group.matmul ? matmulShape(group) : group.shape.join("x") || "1",
    flops: sizeOf(group.shape) * values.length,
    bytes: 4 * elements,
  };
}

function matmulShape({ shape: [m, n], matmul }: Group): string {
  const { transposeA, transposeB } = matmul!.attributes;
  const k = matmul!.inputs[0].shape[transposeA ? 0 : 1];
  return `${m}x${k}x${n}${transposeA ? " TN" : transposeB ? " NT" : " NN"}`;
}

/** What a value is, in one word and a shape. */
const labelOf = (node: Node): string => `${node.name ?? node.op.name}[${node.shape.join(",")}]`;

interface Output {
  readonly node: Node;
  readonly lanes: 1 | 4;
}

/**
 * The WGSL of a body's bindings. Arrays have their lengths: of an array without one, the length is computed (a division,
 * which SwiftShader does lane by lane) wherever an index is bounded.
 */
function declarations({ body }: WrittenGroup, first: number, outputs: readonly Output[]): string {
  let binding = first;
  const line = (space: string, name: string, type: string) =>
    `@group(0) @binding(${binding++}) var<${space}> ${name}: ${type};`;
  const array = (node: Node, lanes: 1 | 4) =>
    lanes === 4 ? `array<vec4f, ${Math.ceil(sizeOf(node.shape) / 4)}>` : `array<f32, ${sizeOf(node.shape)}>`;
  return indent(
    [
      ...body.reads.map(({ node, element }, k) =>
        line("storage, read", `in${k}`, array(node, element === "f32" ? 1 : 4)),
      ),
      ...outputs.map(({ node, lanes }, k) => line("storage, read_write", `out${k}`, array(node, lanes))),
      ...(body.usesState() ? [line("uniform", "state", "State")] : []),
    ],
    0,
  );
}

const readBindings = ({ body }: WrittenGroup): Draft["bindings"] => [
  ...body.reads.map(({ node }) => ({ node, access: "read" as const })),
  ...(body.usesState() ? [{ node: STATE, access: "uniform" as const } as const] : []),
];

function bindingsOf({ body }: WrittenGroup, outputs: readonly Node[]): Draft["bindings"] {
  return [
    ...body.reads.map(({ node }) => ({ node, access: "read" as const })),
    ...outputs.map((node) => ({ node, access: "read_write" as const })),
    ...(body.usesState() ? [{ node: STATE, access: "uniform" as const } as const] : []),
  ];
}

const storeLines = (group: Group, values: readonly string[], lanes: 1 | 4): string[] =>
  group.stores.map((_, k) => `out${k}[${lanes === 4 ? "i >> 2u" : "i"}] = ${values[k]};`);

const indent = (lines: readonly string[], spaces: number): string =>
  lines.map((line) => `${" ".repeat(spaces)}${line}`).join("\n") + (lines.length > 0 ? "\n" : "");
