import { readFileSync } from "node:fs";

/** The text of files under shaders/, each followed through its `//#import` lines, once. */
export function shaderText(...names: readonly string[]): string {
  const seen = new Set<string>();
  const include = (name: string): string => {
    if (seen.has(name)) return "";
    seen.add(name);
    const text = readFileSync(new URL(`../../shaders/${name}`, import.meta.url), "utf8");
    return text.replace(/^\/\/#import (\S+)\n/gm, (_, imported: string) => include(imported));
  };
  return names.map(include).join("\n");
}

/**
 * A shader that writes `expression` of the inputs a, b, c … (vec4f, one input array each) into the last buffer; several
 * expressions fill it one after the other.
 */
export function mapShader(libraries: readonly string[], inputs: number, expressions: readonly string[]): string {
  const names = "abcdef".slice(0, inputs).split("");
  return `${shaderText(...libraries)}
${names.map((name, i) => `@group(0) @binding(${i}) var<storage, read> in_${name}: array<vec4f>;`).join("\n")}
@group(0) @binding(${inputs}) var<storage, read_write> result: array<vec4f>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  let count = arrayLength(&in_a);
  if (id.x >= count) { return; }
  ${names.map((name) => `let ${name} = in_${name}[id.x];`).join(" ")}
  ${expressions.map((expression, k) => `result[id.x + ${k}u * count] = ${expression};`).join("\n  ")}
}`;
}
