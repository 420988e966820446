import type { Prior } from "./inference.ts";
import type { Model, Use } from "./model.ts";

/** Draws of a prior, decoded: what a model with the use `decode` makes of codes that no encoder gave. */
export function priorSamples({ uses: { decode } }: Pick<Model, "uses">, prior: Prior): Use {
  return { from: {}, to: decode.to, apply: (_, pass) => decode.apply({ code: prior.draw(pass) }, pass) };
}
