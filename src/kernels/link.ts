import { ReparamError } from "../errors.ts";
import type { Shader } from "../shaders/shader.ts";
import { type Declaration, declarationsOf, namesIn, reachable } from "./declarations.ts";

/** What a hook is filled with: a text, or files with a text behind them. */
export type Hook = string | { readonly imports: readonly Shader[]; readonly text?: string };

export type Hooks = Readonly<Record<string, Hook>>;

/**
 * The text of a shader with its `//#import path` lines replaced by those files, each once, and its hooks filled: the
 * text between `//#begin NAME` and `//#end NAME` gives way to `hooks[NAME]`, where there is one, which may import as well.
 * Of libraries (shaders/lib, shaders/loss) there is what the rest calls, in front of it.
 */
export function link(shader: Shader, hooks: Hooks = {}): string {
  const known = new Map<string, Shader>();
  const included = new Set<string>();
  const filled = new Set<string>();
  const libraries: Declaration[] = [];
  const text = withImports(withHooks(textOf(shader)));
  const missing = Object.keys(hooks).find((hook) => !filled.has(hook));
  if (missing !== undefined) throw new ReparamError("compile", `Shader ${shader.path} has no hook "${missing}".`);
  const directives = text.match(DIRECTIVES) ?? [];
  const own = text.replace(DIRECTIVES, "");
  const library = reachable(libraries, namesIn(own));
  return directives.join("") + (library && `${library}\n`) + own;

  function withHooks(source: string): string {
    return Object.entries(hooks).reduce((text, [hook, content]) => {
      const begin = text.indexOf(`//#begin ${hook}\n`);
      const end = text.indexOf(`//#end ${hook}`);
      if (begin < 0 || end < begin) return text;
      filled.add(hook);
      return text.slice(0, begin) + filling(content) + text.slice(end + `//#end ${hook}`.length);
    }, source);
  }

  function filling(content: Hook): string {
    if (typeof content === "string") return content;
    const { imports, text = "" } = content;
    know(imports);
    return imports.map(({ path }) => `//#import ${path}\n`).join("") + text;
  }

  function withImports(source: string): string {
    return source.replace(IMPORT, (_, path: string) => {
      if (included.has(path)) return "";
      included.add(path);
      const imported = known.get(path)!;
      const source = textOf(imported);
      if (!/^(lib|loss)\//.test(path)) return withImports(withHooks(source));
      const others = [...source.matchAll(IMPORT)].map(([line]) => withImports(line));
      libraries.push(...declarationsIn(imported));
      return others.join("");
    });
  }

  function textOf({ text, imports }: Shader): string {
    know(imports);
    return text;
  }

  function know(shaders: readonly Shader[]): void {
    for (const shader of shaders) known.set(shader.path, shader);
  }
}

const IMPORT = /^\/\/#import (\S+)\n/gm;

/** These come before everything else in a module. */
const DIRECTIVES = /^(?:enable|requires|diagnostic)\b[^;]*;\n/gm;

const libraryDeclarations = new WeakMap<Shader, readonly Declaration[]>();

function declarationsIn(library: Shader): readonly Declaration[] {
  let declarations = libraryDeclarations.get(library);
  if (!declarations) {
    declarations = declarationsOf(library.text.replace(IMPORT, ""));
    libraryDeclarations.set(library, declarations);
  }
  return declarations;
}
