import { ReparamError } from "../errors.ts";
import { type Declaration, declarationsOf, namesIn, reachable } from "./declarations.ts";
import { shaderSources } from "./shaders.generated.ts";

/**
 * The text of a shader with its `//#import path` lines replaced by those files, each once, and its hooks filled: the
 * text between `//#begin NAME` and `//#end NAME` gives way to `hooks[NAME]`, where there is one, which may import as well.
 * Of libraries (shaders/lib, shaders/loss) there is what the rest calls, in front of it.
 */
export function link(name: string, hooks: Readonly<Record<string, string>> = {}): string {
  const included = new Set<string>();
  const filled = new Set<string>();
  const libraries: Declaration[] = [];
  const text = withImports(withHooks(sourceOf(name)));
  const missing = Object.keys(hooks).find((hook) => !filled.has(hook));
  if (missing !== undefined) throw new ReparamError("compile", `Shader ${name} has no hook "${missing}".`);
  const directives = text.match(DIRECTIVES) ?? [];
  const own = text.replace(DIRECTIVES, "");
  const library = reachable(libraries, namesIn(own));
  return directives.join("") + (library && `${library}\n`) + own;

  function withHooks(source: string): string {
    return Object.entries(hooks).reduce((text, [hook, body]) => {
      const begin = text.indexOf(`//#begin ${hook}\n`);
      const end = text.indexOf(`//#end ${hook}`);
      if (begin < 0 || end < begin) return text;
      filled.add(hook);
      return text.slice(0, begin) + body + text.slice(end + `//#end ${hook}`.length);
    }, source);
  }

  function withImports(source: string): string {
    return source.replace(IMPORT, (_, path: string) => {
      if (included.has(path)) return "";
      included.add(path);
      const source = sourceOf(path);
      if (!/^(lib|loss)\//.test(path)) return withImports(withHooks(source));
      const others = [...source.matchAll(IMPORT)].map(([line]) => withImports(line));
      libraries.push(...declarationsIn(path));
      return others.join("");
    });
  }
}

const IMPORT = /^\/\/#import (\S+)\n/gm;

/** These come before everything else in a module. */
const DIRECTIVES = /^(?:enable|requires|diagnostic)\b[^;]*;\n/gm;

const libraryDeclarations = new Map<string, readonly Declaration[]>();

function declarationsIn(library: string): readonly Declaration[] {
  let declarations = libraryDeclarations.get(library);
  if (!declarations) {
    declarations = declarationsOf(sourceOf(library).replace(IMPORT, ""));
    libraryDeclarations.set(library, declarations);
  }
  return declarations;
}

function sourceOf(name: string): string {
  const source = shaderSources[name];
  if (source === undefined) throw new ReparamError("compile", `There is no shader shaders/${name}.`);
  return source;
}
