import { expect, test } from "@playwright/test";
import type { StepRow } from "../../src/runtime/runner.ts";
import type { Snapshot } from "../../src/train/arenas.ts";
import { freshDevice, patterns, sharedDevice, tinyOptions, tinyVae, withTrainer } from "../support/training.ts";

const dataset = patterns(37, 11, [4, 4, 1]);
const finite = (snapshot: Snapshot) =>
  [snapshot.parameters, snapshot.firstMoments, snapshot.secondMoments].every((values) => values.every(Number.isFinite));

test("a learning rate of 1e30 ends with the step, the first bad value and the weights before that step", async () => {
  const options = tinyOptions(dataset, { optimizer: { learningRate: 1e30 } });
  const device = await sharedDevice();
  await withTrainer(device, tinyVae(), options, async (trainer) => {
    const rows: StepRow[] = [];
    const error = await trainer.train(300, (row) => rows.push(row)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "ReparamError", code: "nonfinite" });
    const [, step, node] = /at step (\d+); the first bad value was (.*) The weights/.exec((error as Error).message)!;
    // Every step that was taken is told, and no other.
    expect(rows.map((row) => row.step)).toEqual(Array.from({ length: Number(step) - 1 }, (_, k) => k));
    expect(rows.every(({ metrics }) => metrics.every(Number.isFinite))).toBe(true);
    expect(node).toMatch(/^\w+ .*\[.*\], node \d+ of the step's graph/);
    const snapshot = await trainer.snapshot();
    expect(finite(snapshot)).toBe(true);
    expect(snapshot.step).toBe(rows.length);
    // They are the weights of a run that was stopped there.
    await withTrainer(device, tinyVae(), options, async (stopped) => {
      await stopped.train(rows.length, () => {});
      expect(await stopped.snapshot()).toEqual(snapshot);
    });
  });
});

for (const name of ["encoder.out.weight", "encoder.out.bias", "decoder.out.weight", "decoder.out.bias"]) {
  test(`a NaN among the weights is found at the next step, and traced to ${name}`, async () => {
    const model = tinyVae();
    await withTrainer(await sharedDevice(), model, tinyOptions(dataset), async (trainer) => {
      await trainer.train(6, () => {});
      const snapshot = await trainer.snapshot();
      const parameters = snapshot.parameters.slice();
      // Parameters lie in order, each from a multiple of 64 numbers on.
      let offset = 0;
      for (const { name: other, shape } of model.parameters) {
        if (other === name) break;
        offset += Math.ceil(shape.reduce((product, extent) => product * extent, 1) / 64) * 64;
      }
      parameters[offset] = Number.NaN;
      trainer.restore({ ...snapshot, parameters });
      const rows: number[] = [];
      const error = await trainer.train(50, ({ step }) => rows.push(step)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "nonfinite" });
      expect((error as Error).message).toMatch(
        new RegExp(`not finite at step 7; the first bad value was parameter "${name}"`),
      );
      expect(rows).toEqual([]);
      // Good weights again, and training goes on.
      trainer.restore(snapshot);
      await trainer.train(3, ({ step }) => rows.push(step));
      expect(rows).toEqual([6, 7, 8]);
    });
  });
}

test("where the bad node cannot be looked for, the step is told all the same", async () => {
  const device = await freshDevice();
  const options = tinyOptions(dataset, { optimizer: { learningRate: 1e30 } });
  await withTrainer(device, tinyVae(), options, async (trainer) => {
    const { createBuffer } = device.gpu;
    device.gpu.createBuffer = () => {
      throw new Error("out of memory");
    };
    const error = await trainer.train(300, () => {}).catch((thrown: unknown) => thrown);
    device.gpu.createBuffer = createBuffer;
    expect(error).toMatchObject({
      code: "nonfinite",
      message: expect.stringMatching(/not finite at step \d+\. The we/),
    });
    expect(finite(await trainer.snapshot())).toBe(true);
  });
  device.dispose();
});

test("an overflow inside the model is traced to the node that made it", async () => {
  const model = tinyVae();
  await withTrainer(await sharedDevice(), model, tinyOptions(dataset), async (trainer) => {
    const snapshot = await trainer.snapshot();
    trainer.restore({ ...snapshot, parameters: snapshot.parameters.map((value) => value * 1e25) });
    const error = await trainer.train(5, () => {}).catch((thrown: unknown) => thrown);
    expect((error as Error).message).toMatch(/not finite at step 1; the first bad value was (?!parameter|input)\w+ \[/);
  });
});
