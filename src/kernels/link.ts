import { ReparamError } from "../errors.ts";
import { shaderSources } from "./shaders.generated.ts";

/**
 * The text of a shader with its `//#import path` lines replaced by those files, each once, and its hooks filled: the
 * text between `//#begin NAME` and `//#end NAME` gives way to `hooks[NAME]`, where there is one.
 */
export function link(name: string, hooks: Readonly<Record<string, string>> = {}): string {
  const linked = withImports(name, new Set());
  return Object.entries(hooks).reduce((text, [hook, body]) => {
    const begin = text.indexOf(`//#begin ${hook}\n`);
    const end = text.indexOf(`//#end ${hook}`);
    if (begin < 0 || end < begin) throw new ReparamError("compile", `Shader ${name} has no hook "${hook}".`);
    return text.slice(0, begin) + body + text.slice(end + `//#end ${hook}`.length);
  }, linked);
}

function withImports(name: string, seen: Set<string>): string {
  if (seen.has(name)) return "";
  seen.add(name);
  const source = shaderSources[name];
  if (source === undefined) throw new ReparamError("compile", `There is no shader shaders/${name}.`);
  return source.replace(/^\/\/#import (\S+)\n/gm, (_, path: string) => withImports(path, seen));
}
