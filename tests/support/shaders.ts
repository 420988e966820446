import { allShaders } from "../../src/shaders/all.generated.ts";
import type { Shader } from "../../src/shaders/shader.ts";

/** A file of shaders/ by its path there, as it is shipped. */
export function shaderNamed(path: string): Shader {
  const shader = allShaders.find((shader) => shader.path === path);
  if (!shader) throw new Error(`There is no shader shaders/${path}.`);
  return shader;
}

/** The shipped text of every file of shaders/ by its path. */
export const shaderSources: Readonly<Record<string, string>> = Object.fromEntries(
  allShaders.map(({ path, text }) => [path, text]),
);
