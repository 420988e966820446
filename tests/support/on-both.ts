import { expect } from "@playwright/test";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Node } from "../../src/node/node.ts";
import { execute } from "../../src/runtime/execute.ts";
import { relativeError, sharedDevice } from "./training.ts";

/** The values of nodes in float64; expects the GPU's to be the same to `tolerance` of the largest. */
export async function onBoth(
  outputs: Readonly<Record<string, Node>>,
  feeds: Readonly<Record<string, ArrayLike<number>>>,
  tolerance = 1e-5,
): Promise<Record<string, Float64Array>> {
  const graph = collect(outputs);
  const exact = interpret(graph, { feeds });
  const onGpu = await execute(await sharedDevice(), graph, { feeds });
  for (const name of Object.keys(outputs)) {
    expect(relativeError(onGpu[name], exact[name]), `${name} on the GPU`).toBeLessThan(tolerance);
  }
  return exact;
}
