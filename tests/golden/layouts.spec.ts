import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { buildModel, modelConfig, type RunConfig } from "../../src/config/config.ts";
import { statements } from "../../src/config/presets.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { encodeSafetensors, type SafetensorsTensor } from "../../src/formats/safetensors.ts";
import type { Message } from "../../src/host/job.ts";
import { runJob } from "../../src/jobs/job.ts";
import { convVae, vae } from "../../src/models/index.ts";
import type { Parameter } from "../../src/nn/parameter.ts";
import { settle } from "../support/dawn.ts";
import { tinyConfig } from "../support/train-job.ts";
import { relativeError, sharedGpu } from "../support/training.ts";

// docs/checkpoints.md: names and layouts of tensors, and how they become PyTorch's.

const page = readFileSync(new URL("../../docs/checkpoints.md", import.meta.url), "utf8");

/** As much of `safetensors.torch` as the page uses, in Python's standard library: tensors are nested lists. */
const STUB = `
import json, struct

class Tensor:
    def __init__(self, shape, at): self.shape, self.at, self.ndim = tuple(shape), at, len(shape)
    def permute(self, order):
        def at(*index):
            back = [0] * len(order)
            for k, axis in enumerate(order): back[axis] = index[k]
            return self.at(*back)
        return Tensor([self.shape[axis] for axis in order], at)
    def contiguous(self): return self
    def numbers(self, *index):
        if len(index) == self.ndim: return [self.at(*index)]
        return [x for k in range(self.shape[len(index)]) for x in self.numbers(*index, k)]

def stored(shape, values):
    def at(*index):
        place = 0
        for k, extent in zip(index, shape): place = place * extent + k
        return values[place]
    return Tensor(shape, at)

def load_file(path):
    raw = open(path, "rb").read()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + length])
    header.pop("__metadata__", None)
    result = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        result[name] = stored(entry["shape"], struct.unpack("<%df" % ((end - begin) // 4), raw[begin:end]))
    return result

def save_file(tensors, path):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = struct.pack("<%df" % len(tensor.numbers()), *tensor.numbers())
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + data)
`;

const tensorsOf = (parameters: readonly Parameter[]): Record<string, SafetensorsTensor> =>
  Object.fromEntries(
    parameters.map(({ name, shape, initialize }) => [
      name,
      { dtype: "F32", shape: [...shape], data: initialize(3) as Float32Array<ArrayBuffer> },
    ]),
  );

test("the page's Python turns weights into PyTorch's layouts, and back to the byte", () => {
  const python = "/usr/bin/python3";
  test.skip(!existsSync(python), `no ${python} here`);
  const [, code] = /```python\n(.*?)```/s.exec(page)!;
  const { parameters } = convVae({ input: [8, 8, 2], channels: [3, 5], dense: 4, latent: 2, normalization: "batch" });
  const tensors = tensorsOf(parameters);
  const folder = mkdtempSync(join(tmpdir(), "reparam-test-"));
  try {
    const state = { dtype: "F32", shape: [1], data: Float32Array.of(1) } as const;
    const moment = { "optimizer.first.encoder.conv.0.weight": tensors["encoder.conv.0.weight"], state };
    writeFileSync(join(folder, "final.safetensors"), encodeSafetensors({ ...tensors, ...moment }, {}));
    writeFileSync(join(folder, "stub.py"), STUB);
    const script = `${code.replace("safetensors.torch", "stub")}\nsave_file(theirs, "theirs.safetensors")\n`;
    const { stderr, status } = spawnSync(python, ["-c", script], { encoding: "utf8", cwd: folder });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const read = (name: string) => decodeSafetensors(readFileSync(join(folder, name)), name).tensors;
    const [theirs, back] = [read("theirs.safetensors"), read("back.safetensors")];
    expect(Object.keys(back).toSorted()).toEqual(Object.keys(tensors).toSorted());
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      expect(back[name]).toEqual({ dtype: "F32", shape, data });
      if (shape.length === 1) expect(theirs[name]).toEqual(back[name]);
      if (shape.length === 2) {
        const [inputs, outputs] = shape;
        expect(theirs[name].shape).toEqual([outputs, inputs]);
        for (let k = 0; k < data.length; k++) {
          expect(theirs[name].data[(k % outputs) * inputs + Math.floor(k / outputs)]).toBe(data[k]);
        }
      }
      if (shape.length !== 4) continue;
      // [KH, KW, a, b] → [b, a, KH, KW], where a and b are in and out, or out and in of a transposed one.
      const [height, width, a, b] = shape;
      expect(theirs[name].shape).toEqual([b, a, height, width]);
      const at = (y: number, x: number, i: number, o: number) =>
        [theirs[name].data[((o * a + i) * height + y) * width + x], data[((y * width + x) * a + i) * b + o]] as const;
      for (let k = 0; k < data.length; k++) {
        const [turned, own] = at(
          Math.floor(k / (b * a * width)),
          Math.floor(k / (b * a)) % width,
          Math.floor(k / b) % a,
          k % b,
        );
        expect(turned).toBe(own);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("weights that PyTorch trained, in a file without metadata, decode as their formula says", async () => {
  const { tensors: golden } = decodeSafetensors(
    readFileSync(new URL("vae.safetensors", import.meta.url)),
    "vae.safetensors",
  );
  const [input, hidden, latent] = [36, 32, 5];
  const { parameters } = vae({ input: [input], hidden: [hidden], latent });
  const weights = Object.fromEntries(parameters.map(({ name }) => [name, golden[`final.${name}`]]));
  const config: RunConfig = {
    ...tinyConfig({ epochs: 1 }),
    model: modelConfig(statements.vae, { hidden: [hidden], latent }),
  };
  const x = { kind: "vector", shape: [input], store: "f32" } as const;
  expect(buildModel(config.model, { fields: { x }, count: 1 }).parameters.map(({ name }) => name)).toEqual(
    Object.keys(weights),
  );
  const code = Float32Array.from({ length: 3 * latent }, (_, k) => Math.sin(k));
  const body = { kind: "use", use: "decode", config, fields: { x }, count: 3, seed: 0 } as unknown as Message["body"];
  const answers: Message[] = [];
  await runJob(
    { body, blobs: { checkpoint: encodeSafetensors(weights, {}), "input code": new Uint8Array(code.buffer) } },
    {
      gpu: await sharedGpu(),
      settle,
      signal: new AbortController().signal,
      emit: async (answer) => void answers.push(answer),
    },
  );
  const dense = (rows: ArrayLike<number>, layer: string, activation: (value: number) => number) => {
    const { shape } = weights[`${layer}.weight`];
    const data = weights[`${layer}.weight`].data as Float32Array;
    const [from, to] = shape;
    const bias = weights[`${layer}.bias`].data as Float32Array;
    return Float64Array.from({ length: (rows.length / from) * to }, (_, k) => {
      let sum = bias[k % to];
      for (let i = 0; i < from; i++) sum += rows[Math.floor(k / to) * from + i] * data[i * to + (k % to)];
      return activation(sum);
    });
  };
  const features = dense(code, "decoder.0", (value) => Math.max(0, value));
  const wanted = dense(features, "decoder.out", (value) => 1 / (1 + Math.exp(-value)));
  expect(relativeError(new Float32Array(answers[0].blobs!.result.slice().buffer), wanted)).toBeLessThan(1e-5);
});
