import { embedding } from "../ops/indexing.ts";
import { standardNormal } from "./initializers.ts";
import type { Layer } from "./layers.ts";
import { trained } from "./parameter.ts";

/**
 * A trained row of `width` numbers for each of `count` ids, which begin as N(0, 1) as in PyTorch.
 * ids: any shape → [...ids, width]; zeros, and no gradient, for what is no id.
 */
export function embeddingLayer(name: string, { count, width }: { count: number; width: number }): Layer {
  const table = trained(`${name}.weight`, [count, width], standardNormal, { fanIn: count, fanOut: width });
  return { parameters: [table], apply: (ids) => embedding(table.node, ids) };
}
