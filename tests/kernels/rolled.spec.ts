import { expect, test } from "@playwright/test";
import { compile } from "../../src/compiler/compile.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Node } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { execute } from "../../src/runtime/execute.ts";
import { drivers, engineDevice } from "../support/dawn.ts";
import { long } from "../support/long.ts";
import { randomFeeds, relativeError } from "../support/numbers.ts";
import { always, convolution, products } from "../support/products.ts";

const outputs = { ...products(), ...convolution() };

for (const driver of drivers) {
  for (const rolled of [false, true]) {
    // In the quick suite each way where it is chosen: the loop on lavapipe, and none on the others.
    if (!long && drivers.length > 1 && rolled !== (driver === "lavapipe")) continue;
    for (const choice of ["subgroup 8", "register 4"]) {
      const [variant] = choice.split(" ");
      // In the quick suite Firefox has these, which knows no subgroups.
      if (!long && driver === "lavapipe" && variant === "register") continue;
      const how = rolled ? "by a loop" : "one by one";
      test(`tiles of ${variant} that are stored ${how} agree with float64 on ${driver ?? "the default adapter"}`, async () => {
        const device = await engineDevice(driver);
        test.skip(device === undefined, "no Dawn adapter");
        test.skip(variant === "subgroup" && !device!.profile.subgroups, "no subgroups");
        const profile = { ...always(choice), software: true, adapter: rolled ? "llvmpipe" : undefined };
        const graph = collect(outputs);
        const leaves = () => ({ buffer: { external: "" }, offset: 0 });
        const tiles = compile(graph, { profile, leaves }).dispatches.filter(({ kernel }) =>
          kernel.endsWith(`/${variant}`),
        );
        expect(tiles.map(({ constants }) => constants.ROLLED)).toEqual(Object.keys(outputs).map(() => Number(rolled)));
        const feeds = randomFeeds(graph.nodes, 3);
        const got = await execute({ ...device!, profile }, graph, { feeds });
        const want = interpret(graph, { feeds });
        for (const name of Object.keys(outputs)) {
          expect.soft(relativeError(got[name], want[name]), name).toBeLessThan(5e-6);
        }
      });
    }
  }
}

test("on SwiftShader the smallest products, a twentieth of a plan's arithmetic together, store by a loop, and no others", () => {
  const layer = (name: string, x: Node, n: number) => ops.matmul(x, ops.parameter(name, [x.shape[1], n]));
  // 2 · 64 · (64 · 64 + 64 · 8 + 8 · 8 + 8 · 1024): of 12,864 the second and third are 576, under a twentieth.
  const graph = collect({
    y: layer("fourth", layer("third", layer("second", layer("first", ops.input("x", [64, 64]), 64), 8), 8), 1024),
  });
  const rolled = (adapter: string | undefined, software = true) =>
    compile(graph, {
      profile: { ...always("subgroup 8"), software, adapter },
      leaves: () => ({ buffer: { external: "" }, offset: 0 }),
    }).dispatches.map(({ constants }) => constants.ROLLED);
  expect(rolled("SwiftShader Device")).toEqual([0, 1, 1, 0]);
  expect(rolled("llvmpipe")).toEqual([1, 1, 1, 1]);
  expect(rolled("a GPU", false)).toEqual([0, 0, 0, 0]);
});
