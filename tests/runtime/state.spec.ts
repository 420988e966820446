import { expect, test } from "@playwright/test";
import { decodeState, encodeState, STATE_BYTES, STATE_WORDS } from "../../src/kernels/state.ts";
import { shaderText } from "../support/shader-text.ts";

// The package's entry point for Node does not load as a module; the file that does has no types of its own.
const moduleFile: string = "wgsl_reflect/wgsl_reflect.module.js";
const { WgslReflect } = (await import(moduleFile)) as typeof import("wgsl_reflect");

test("the state's fields lie where the WGSL struct has them", () => {
  const { structs } = new WgslReflect(
    `${shaderText("lib/state.wgsl")}\n@group(0) @binding(0) var<uniform> state: State;`,
  );
  const struct = structs.find(({ name }) => name === "State")!;
  expect(Object.fromEntries(struct.members.map(({ name, offset }) => [name, offset / 4]))).toEqual(STATE_WORDS);
  expect(struct.size).toBeLessThanOrEqual(STATE_BYTES);
});

test("a state says again what it was made of, beyond 2³² steps too", () => {
  for (const step of [0, 7, 2 ** 32 - 1, 2 ** 32 + 5, 2 ** 45]) {
    const bytes = encodeState({ seed: [1, 2], step, epoch: 3, batch: 4, batches: 5, examples: 6, schedules: [0.5] });
    expect(decodeState(bytes.slice().buffer)).toEqual({
      step,
      epoch: 3,
      batch: 4,
      batches: 5,
      examples: 6,
      poisoned: false,
    });
  }
});
