import { expect, test } from "@playwright/test";
import { decodeDecoder } from "../../src/decode/decoder-file.ts";
import { openDecoder } from "../../src/decode/index.ts";
import { convVae, cvae, decoderFile, fit, type Model, vae } from "../../src/index.ts";
import { randomNumbers } from "../support/numbers.ts";
import { patterns, relativeError, sharedDevice } from "../support/training.ts";

// A decoder as a file, held to what the run that trained it decodes.

const data = patterns(32, 8, [8, 8, 1]);

async function trained(model: Model) {
  const run = fit(await sharedDevice(), model, data, { epochs: 1, batchSize: 8, seed: 2 });
  await run.finished;
  return { run, checkpoint: await run.checkpoint() };
}

const models: readonly { name: string; model: Model; label?: number }[] = [
  { name: "vae", model: vae({ data, hidden: [], latent: 3 }) },
  { name: "cvae", model: cvae({ data, hidden: [], latent: 3 }), label: 2 },
  { name: "conv-vae with batch norm", model: convVae({ data, channels: [4], latent: 3, normalization: "batch" }) },
];

for (const { name, model, label } of models) {
  test(`the decoder of a ${name} gives what the run decodes, for more codes than rows and for one`, async () => {
    const { run, checkpoint } = await trained(model);
    const decoder = await openDecoder(decoderFile(model, checkpoint, { rows: 4 }), { device: await sharedDevice() });
    expect([decoder.shape, decoder.codeShape]).toEqual([[8, 8, 1], [3]]);
    for (const count of [10, 1]) {
      const random = randomNumbers(count);
      const codes = Float32Array.from({ length: 3 * count }, () => 4 * random() - 2);
      const [here, there] = [
        await decoder.decode(codes, { label }),
        await run.decode(codes, label === undefined ? {} : { label }),
      ];
      expect(here.length).toBe(64 * count);
      expect(relativeError(here, there)).toBeLessThan(1e-5);
    }
    decoder.dispose();
    await run.dispose();
  });
}

test("the file has the decoder's weights by their names and no encoder's, and kernels that any adapter has", async () => {
  const model = vae({ data, hidden: [], latent: 3 });
  const { run, checkpoint } = await trained(model);
  const { weights, plan, rows } = decodeDecoder(decoderFile(model, checkpoint), "here");
  expect(rows).toBe(16);
  expect(Object.keys(weights).length).toBeGreaterThan(1);
  expect(Object.keys(weights).every((name) => name.startsWith("decoder."))).toBe(true);
  expect(plan.dispatches.every(({ code }) => !/^\s*enable /m.test(code))).toBe(true);
  expect(plan.dispatches.every(({ bindings }) => bindings.length <= 8)).toBe(true);
  await run.dispose();
});

test("what does not fit is refused in words", async () => {
  const model = cvae({ data, hidden: [], latent: 3 });
  const { run, checkpoint } = await trained(model);
  const file = decoderFile(model, checkpoint);
  const decoder = await openDecoder(file, { device: await sharedDevice() });
  await expect(decoder.decode([1, 2])).rejects.toThrow("decode: 2 numbers are not codes of [3].");
  await expect(decoder.decode([1, 2, 3])).rejects.toThrow("decode: 1 codes need 1 numbers of label, not 0.");
  await expect(decoder.decode([1, 2, 3], { label: 1, lable: 2 })).rejects.toThrow("takes code, label, and no lable");
  expect((await decoder.decode([1, 2, 3], { label: 1 })).length).toBe(64);
  decoder.dispose();
  await expect(openDecoder(checkpoint, { device: await sharedDevice() })).rejects.toMatchObject({ code: "checkpoint" });
  const cut = openDecoder(file.subarray(0, 100), { device: await sharedDevice() });
  await expect(cut).rejects.toMatchObject({ code: "checkpoint" });
  expect(() => decoderFile(vae({ data, hidden: [9], latent: 3 }), checkpoint)).toThrow(/checkpoint of another model/);
  expect(() => decoderFile(model, checkpoint, { rows: 0 })).toThrow("decoderFile: rows must be");
  await run.dispose();
});
