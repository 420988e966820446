import { type Node, sizeOf } from "../node/node.ts";
import { STATE } from "../plan/binding.ts";
import type { Draft } from "./draft.ts";
import { type Group, groupOutputs, isHalf, type WrittenGroup } from "./groups.ts";

// Text and tables that the kernels of all families share.

export const WORKGROUP = 64;

export function describe({ group, reads, values }: WrittenGroup): Pick<Draft, "label" | "shape" | "flops" | "bytes"> {
  const outputs = groupOutputs(group);
  const bytes = [...reads, ...outputs].reduce((sum, node) => sum + (isHalf(node) ? 2 : 4) * sizeOf(node.shape), 0);
  return {
    label: outputs.map(labelOf).join(", "),
    shape: group.shape.join("x") || "1",
    flops: sizeOf(group.shape) * values.length,
    bytes,
  };
}

/** What a value is, in one word and a shape. */
export const labelOf = (node: Node): string => `${node.name ?? node.op.name}[${node.shape.join(",")}]`;

/** WGSL's name of an element, or of four. */
const elementType = (lanes: 1 | 4, half: boolean): string =>
  half ? (lanes === 4 ? "vec4<f16>" : "f16") : lanes === 4 ? "vec4f" : "f32";

interface Output {
  readonly node: Node;
  readonly lanes: 1 | 4;
}

/**
 * The WGSL of a body's bindings. Arrays have their lengths: of an array without one, the length is computed (a division,
 * which SwiftShader does lane by lane) wherever an index is bounded.
 */
export function declarations({ body }: WrittenGroup, first: number, outputs: readonly Output[]): string {
  let binding = first;
  const line = (space: string, name: string, type: string) =>
    `@group(0) @binding(${binding++}) var<${space}> ${name}: ${type};`;
  const array = (node: Node, lanes: 1 | 4) =>
    `array<${elementType(lanes, isHalf(node))}, ${Math.ceil(sizeOf(node.shape) / lanes)}>`;
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

export const readBindings = ({ body }: WrittenGroup): Draft["bindings"] => [
  ...body.reads.map(({ node }) => ({ node, access: "read" as const })),
  ...(body.usesState() ? [{ node: STATE, access: "uniform" as const } as const] : []),
];

export function bindingsOf({ body }: WrittenGroup, outputs: readonly Node[]): Draft["bindings"] {
  return [
    ...body.reads.map(({ node }) => ({ node, access: "read" as const })),
    ...outputs.map((node) => ({ node, access: "read_write" as const })),
    ...(body.usesState() ? [{ node: STATE, access: "uniform" as const } as const] : []),
  ];
}

export const storeLines = (group: Group, values: readonly string[], lanes: 1 | 4): string[] =>
  group.stores.map((node, k) => storeLine(node, `out${k}`, "i", values[k], lanes));

/** Stores a value, or four, from an element on. */
export function storeLine(node: Node, name: string, index: string, value: string, lanes: 1 | 4): string {
  const stored = isHalf(node) ? `${elementType(lanes, true)}(${value})` : value;
  return `${name}[${lanes === 4 ? `${index} >> 2u` : index}] = ${stored};`;
}

export const indent = (lines: readonly string[], spaces: number): string =>
  lines.map((line) => `${" ".repeat(spaces)}${line}`).join("\n") + (lines.length > 0 ? "\n" : "");
