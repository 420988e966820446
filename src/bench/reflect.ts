import type { TypeInfo, VariableInfo, WgslReflect } from "wgsl_reflect";
import { ReparamError } from "../errors.ts";
import { maskComments } from "../kernels/declarations.ts";
import { nearest } from "../nearest.ts";
import type { BoundBuffer, ReflectedBinding, ReflectedKernel } from "./binding.ts";
import type { KernelSpec } from "./kernel-spec.ts";

/**
 * wgsl_reflect is large and only the benchmark needs it: it is loaded at first use.
 *
 * Its race detector steps into functions and keeps their results at the place of the call, which all invocations share
 * (1.6.0): each would go on with the last one's. Here a call is part of its statement and no step of its own.
 */
export async function loadReflect() {
  const library = await import("wgsl_reflect/wgsl_reflect.module.js");
  Object.assign(library.WgslDebug.prototype, { _collectFunctionCalls: () => {} });
  return library;
}

/** `ResourceType` of wgsl_reflect, as much as buffers need. */
const UNIFORM = 0;
const STORAGE = 1;

/** Reads a kernel's text and checks it against its constants and buffers. Throws ReparamError "usage". */
export async function reflectKernel(
  { name, code, entryPoint = "main", constants = {} }: KernelSpec,
  buffers: ReadonlyMap<string, BoundBuffer>,
): Promise<ReflectedKernel> {
  const fail = (problem: string) => new ReparamError("usage", `${name}: ${problem}`);
  const library = await loadReflect();
  let reflect: WgslReflect;
  try {
    reflect = new library.WgslReflect(code);
  } catch (error) {
    throw fail(`the WGSL cannot be read. ${firstLine(error)}.`);
  }
  checkEntryPoint(reflect, entryPoint, fail);
  checkConstants(reflect, code, constants, fail);

  const variables = reflect.getBindGroups().flatMap((group) => (group ?? []).filter(Boolean));
  for (const buffer of buffers.keys()) {
    if (variables.some((variable) => variable.name === buffer)) continue;
    const names = variables.map((variable) => variable.name);
    const guess = names.length > 0 ? `; did you mean ${nearest(buffer, names)}?` : ", which has no bindings at all.";
    throw fail(`the buffer ${buffer} has no binding of that name in the WGSL${guess}`);
  }
  return {
    entryPoint,
    bindings: variables.map((variable) => reflectBinding(variable, buffers.get(variable.name), fail)),
    workgroupMemory: /\bvar\s*<\s*workgroup\s*>/.test(maskComments(code)),
  };
}

type Fail = (problem: string) => ReparamError;

function checkEntryPoint(reflect: WgslReflect, entryPoint: string, fail: Fail): void {
  const names = reflect.entry.compute.map((entry) => entry.name);
  if (names.includes(entryPoint)) return;
  if (names.length === 0) throw fail("the WGSL has no compute entry point (a function marked @compute).");
  throw fail(`there is no compute entry point ${entryPoint}; there is ${names.join(", ")}.`);
}

function checkConstants(
  reflect: WgslReflect,
  code: string,
  constants: KernelSpec["constants"] & object,
  fail: Fail,
): void {
  const known = reflect.overrides.flatMap((override) => [override.name, idOf(override)]);
  for (const constant of Object.keys(constants)) {
    if (known.includes(constant)) continue;
    const names = reflect.overrides.map((override) => override.name);
    const guess = names.length > 0 ? `; did you mean ${nearest(constant, names)}?` : ", nor any other.";
    throw fail(`the WGSL has no override constant ${constant}${guess}`);
  }
  const text = maskComments(code);
  for (const override of reflect.overrides) {
    const given = [override.name, idOf(override)].some((key) => key !== undefined && Object.hasOwn(constants, key));
    const hasDefault = new RegExp(`\\boverride\\s+${override.name}\\s*(:[^=;]*)?=`).test(text);
    if (!given && !hasDefault) throw fail(`the override constant ${override.name} has no value and no default.`);
    const value = constants[override.name] ?? constants[idOf(override) ?? ""];
    const type = override.type?.name;
    const wholeOnly = type === "u32" || type === "i32";
    if (value === undefined || !wholeOnly || (Number.isInteger(value) && (value >= 0 || type === "i32"))) continue;
    throw fail(`the override constant ${override.name} is ${type} and cannot be ${value}.`);
  }
}

/** WebGPU knows a constant with an @id by that number only. */
const idOf = ({ attributes }: WgslReflect["overrides"][number]): string | undefined =>
  attributes?.find((attribute) => attribute.name === "id")?.value?.toString();

function reflectBinding(variable: VariableInfo, buffer: BoundBuffer | undefined, fail: Fail): ReflectedBinding {
  const { name, group, binding, access, resourceType, type } = variable;
  const where = `@group(${group}) @binding(${binding}) ${name}`;
  if (resourceType !== UNIFORM && resourceType !== STORAGE) {
    throw fail(`${where} is a ${type.getTypeName()}: only buffers can be bound here.`);
  }
  const scalars = scalarsOf(type);
  const unshareable = scalars.find((scalar) => !HOST_SHAREABLE.has(scalar));
  if (unshareable !== undefined) {
    const instead = unshareable === "bool" ? " Use u32 instead." : "";
    throw fail(`${where} holds ${unshareable}, a type that is not host-shareable: no buffer can hold it.${instead}`);
  }
  if (!buffer) throw fail(`${where} has no buffer: give one for ${name}.`);
  const foreign = scalars.find((scalar) => scalar !== buffer.type);
  if (foreign !== undefined && new Set(scalars).size === 1) {
    throw fail(`${where} holds ${foreign} (${type.getTypeName()}), and the buffer was given as ${buffer.type}.`);
  }
  const bytes = (buffer.type === "f16" ? 2 : 4) * buffer.count;
  const isArray = type.isArray;
  const runtimeSized = isArray && variable.count === 0;
  if (runtimeSized && (variable.stride === 0 || bytes % variable.stride !== 0)) {
    throw fail(
      `${where} has elements of ${variable.stride} bytes, and the buffer's ${bytes} bytes are no whole number of them.`,
    );
  }
  if (!runtimeSized && !endsOpen(type) && variable.size !== bytes) {
    throw fail(`${where} (${type.getTypeName()}) takes ${variable.size} bytes, and the buffer has ${bytes}.`);
  }
  return {
    name,
    group,
    binding,
    access:
      resourceType === UNIFORM ? "uniform" : access === "read_write" || access === "write" ? "read_write" : "read",
    bytes,
    ...(isArray && { elements: bytes / variable.stride }),
    runtimeSized,
  };
}

const HOST_SHAREABLE = new Set(["f32", "i32", "u32", "f16"]);

/** wgsl_reflect keeps what a type is made of in fields that depend on its kind. */
interface TypeParts {
  readonly name: string;
  readonly format?: TypeParts | null;
  readonly members?: readonly { readonly type: TypeParts }[];
  readonly count?: number;
}

/** The scalar types that a type is made of. */
function scalarsOf(type: TypeInfo): string[] {
  const { name, format, members } = type as unknown as TypeParts;
  if (members) return members.flatMap((member) => scalarsOf(member.type as TypeInfo));
  if (format) return scalarsOf(format as TypeInfo);
  const short = /^(?:vec[234]|mat[234]x[234])([fiuh])$/.exec(name)?.[1] as keyof typeof SHORT | undefined;
  return [short ? SHORT[short] : name];
}
const SHORT = { f: "f32", i: "i32", u: "u32", h: "f16" } as const;

/** A struct whose last member is an array without a length. */
function endsOpen(type: TypeInfo): boolean {
  const last = (type as unknown as TypeParts).members?.at(-1)?.type;
  return last !== undefined && (last as TypeInfo).isArray && last.count === 0;
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0];
