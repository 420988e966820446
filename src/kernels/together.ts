import { loopsTogether } from "../shaders/loops/together.generated.ts";
import { type Declaration, declarationsOf } from "./declarations.ts";
import { link } from "./link.ts";

/** A loop as it is launched alone: linked text, constants, workgroups of 64 in one dimension. */
export interface Loop<Value> {
  readonly code: string;
  readonly constants: Readonly<Record<string, number>>;
  /** In the order of `@binding`. */
  readonly bindings: readonly LoopBinding<Value>[];
  readonly workgroups: readonly [number, number, number];
}

export interface LoopBinding<Value> {
  readonly node: Value;
  readonly access: "read" | "read_write" | "uniform";
}

/**
 * Loops of one workgroup, in their order; where `waits` is true, one reads what an earlier one has written. With loops that are done
 * `everywhere`, the chain has the workgroups of its last loop, and each of them does those others for itself.
 */
export type Chain<Value> = readonly {
  readonly loop: Loop<Value>;
  readonly waits: boolean;
  readonly everywhere: boolean;
}[];

/** A buffer of the launch, or an array of a workgroup's own, under one name and one type for all loops that use it. */
interface Shared<Value> {
  readonly node: Value;
  readonly access: LoopBinding<Value>["access"] | "workgroup";
  readonly name: string;
  readonly type: string;
}

const BINDING = /^@group\(0\) @binding\(\d+\) var<(?:\w+)(?:, \w+)?> (\w+): ([^;]+);\n$/;
const DIRECTIVES = /^(?:enable|requires|diagnostic)\b[^;]*;\n/gm;
const ENTRY =
  /@compute @workgroup_size\(64\)\nfn main\(@builtin\(global_invocation_id\) id: vec3u, @builtin\(num_workgroups\) grid: vec3u\)/;

/**
 * The buffers of loops in one launch; what is `inner` to a chain is an array of its workgroup. Undefined where one would be written under one type and used under another, which a
 * launch cannot do.
 */
export function sharedBuffers<Value>(
  loops: readonly Loop<Value>[],
  isInner: (node: Value) => boolean,
): readonly Shared<Value>[] | undefined {
  const shared: Shared<Value>[] = [];
  for (const [k, loop] of loops.entries()) {
    for (const [index, { node, access }] of loop.bindings.entries()) {
      const { name, type } = variablesOf(loop)[index];
      const at = shared.findIndex((other) => other.node === node && other.type === type);
      if (at < 0) shared.push({ node, access, type, name: access === "uniform" ? name : `${name}_${k}` });
      else if (access === "read_write") shared[at] = { ...shared[at], access };
    }
  }
  const written = shared.filter(({ access }) => access === "read_write");
  const torn = written.some((one) => shared.some((other) => other !== one && other.node === one.node));
  return torn ? undefined : shared.map((one) => (isInner(one.node) ? { ...one, access: "workgroup" } : one));
}

/** Chains of loops as one launch, side by side, over their `sharedBuffers`. */
export function together<Value>(chains: readonly Chain<Value>[], shared: readonly Shared<Value>[]): Loop<Value> {
  const loops = chains.flatMap((chain) => chain.map(({ loop }) => loop));
  const libraries = new Map<string, string>();
  const directives = new Set<string>();
  const constants: Record<string, number> = {};
  const parts = loops.map((loop, k) => {
    for (const [directive] of loop.code.matchAll(DIRECTIVES)) directives.add(directive);
    const renamed = new Map<string, string>();
    for (const [name, value] of Object.entries(loop.constants)) {
      renamed.set(name, `${name}_${k}`);
      constants[`${name}_${k}`] = value;
    }
    for (const [index, { node }] of loop.bindings.entries()) {
      const { name, type } = variablesOf(loop)[index];
      renamed.set(name, shared.find((other) => other.node === node && other.type === type)!.name);
    }
    const declarations = declarationsIn(loop);
    for (const { name, text } of declarations.filter(isLibrary)) libraries.set(name!, text);
    return declarations
      .filter((declaration) => !isBinding(declaration) && !isLibrary(declaration))
      .map(({ text }) => withNames(text, renamed).replace(ENTRY, `fn part_${k}(id: vec3u, grid: vec3u)`))
      .join("");
  });
  const bound = shared.flatMap((one) => (one.access === "workgroup" ? [] : [{ ...one, access: one.access }]));
  const lines = [
    ...bound.map(
      ({ name, access, type }, binding) =>
        `@group(0) @binding(${binding}) var<${access === "uniform" ? access : `storage, ${access}`}> ${name}: ${type};\n`,
    ),
    ...shared
      .filter(({ access }) => access === "workgroup")
      .map(({ name, type }) => `var<workgroup> ${name}: ${type};\n`),
  ];
  const groups = chains.map(groupsOf);
  const code = link(loopsTogether, {
    parts: [...libraries.values(), ...lines, ...parts].join(""),
    calls: callsOf(chains, groups),
  });
  return {
    code: [...directives].join("") + code,
    constants,
    bindings: bound.map(({ node, access }) => ({ node, access })),
    workgroups: [groups.reduce((sum, count) => sum + count, 0), 1, 1],
  };
}

const parsed = new WeakMap<object, readonly Declaration[]>();
const variables = new WeakMap<object, readonly Variable[]>();

interface Variable {
  readonly name: string;
  readonly type: string;
}

/** A loop's declarations, without the directives before them. */
function declarationsIn(loop: Loop<unknown>): readonly Declaration[] {
  let declarations = parsed.get(loop);
  if (!declarations) parsed.set(loop, (declarations = declarationsOf(loop.code.replace(DIRECTIVES, ""))));
  return declarations;
}

/** Names and types of a loop's bindings, in their order. */
function variablesOf(loop: Loop<unknown>): readonly Variable[] {
  let found = variables.get(loop);
  if (!found) {
    found = declarationsIn(loop).flatMap(({ text }) => {
      const [, name, type] = BINDING.exec(text) ?? [];
      return name ? [{ name, type }] : [];
    });
    variables.set(loop, found);
  }
  return found;
}

/** A chain is one workgroup; a loop alone, or behind some that are done everywhere, has its own. */
const groupsOf = (chain: Chain<unknown>): number => (isOne(chain) ? 1 : chain.at(-1)!.loop.workgroups[0]);

const isOne = (chain: Chain<unknown>): boolean => chain.length > 1 && !chain.some(({ everywhere }) => everywhere);

/** Which workgroups run which loops. */
function callsOf(chains: readonly Chain<unknown>[], groups: readonly number[]): string {
  let part = 0;
  let first = 0;
  return chains
    .map((chain, k) => {
      const begin = first;
      first += groups[k];
      const lines = chain.flatMap(({ loop: { workgroups }, waits, everywhere }) => {
        // One deep, and not said so: loops go on by it where they are to stay loops (`keepsLoops`).
        const grid = `vec3u(${workgroups[0]}u, 1u, groups.z)`;
        const call = (group: string) => `part_${part++}(vec3u((${group}) * 64u + invocation, 0u, 0u), ${grid});\n`;
        const barriers = waits ? ["storageBarrier();\nworkgroupBarrier();\n"] : [];
        if (!isOne(chain) && !everywhere) return [...barriers, call(begin === 0 ? "group.x" : `group.x - ${begin}u`)];
        const alone = workgroups[0] === 1;
        return [
          ...barriers,
          alone ? call("0u") : `for (var turn = 0u; turn < ${workgroups[0]}u; turn += groups.z) {\n${call("turn")}}\n`,
        ];
      });
      return `${k > 0 ? "else " : ""}if (group.x < ${first}u) {\n${lines.join("")}}\n`;
    })
    .join("");
}

const isBinding = ({ text }: Declaration): boolean => BINDING.test(text);

/** What a loop has from libraries is the same in all of them; its own are its variables, overrides and entry point. */
const isLibrary = ({ name, text }: Declaration): boolean =>
  name !== undefined && name !== "main" && !BINDING.test(text);

/** A text with names replaced, but for members of structs. */
const withNames = (text: string, names: ReadonlyMap<string, string>): string =>
  text.replace(/(?<![\w.])[A-Za-z_]\w*/g, (word) => names.get(word) ?? word);
