import { expect, test } from "@playwright/test";
import { type Dataset, pixels, vector } from "../../src/data/dataset.ts";
import {
  ae,
  anomalyAe,
  flowVae,
  type Model,
  memoriser,
  stackedDenoisingAe,
  vae,
  vqVae,
} from "../../src/models/index.ts";
import { checkData } from "../../src/train/data.ts";

/** Two examples of two numbers for training, and two for the test. */
function pairs(train: Dataset["train"]["values"][string], test = train, field = vector(2)): Dataset {
  return {
    name: "pairs",
    fields: { x: field },
    train: { count: 2, values: { x: train } },
    test: { count: 2, values: { x: test } },
  };
}

const inside = Float32Array.of(0, 0.25, 1, 0.5);
const beyond = Float32Array.of(0, 0.25, 1.5, 0.5);
const bytes = Uint8Array.of(0, 255, 3, 7);
const [narrow, wide] = [pairs(inside), pairs(beyond)];
const small = { hidden: [4], latent: 1 } as const;

const ofProbabilities: Record<string, (data: Dataset) => Model> = {
  "ae, bce": (data) => ae({ data, ...small, loss: "bce" }),
  "memoriser, bce": (data) => memoriser({ data, loss: "bce", hidden: [4], channels: [] }),
  "vq-vae, bce": (data) => vqVae({ data, loss: "bce", network: "dense", widths: [4], codes: 4, width: 2 }),
  "stacked-denoising-ae, bce": (data) => stackedDenoisingAe({ data, loss: "bce", layers: [2] }),
  "vae, bernoulli": (data) => vae({ data, ...small, likelihood: "bernoulli" }),
  "flow-vae, continuousBernoulli": (data) => flowVae({ data, ...small, likelihood: "continuousBernoulli" }),
};

for (const [name, model] of Object.entries(ofProbabilities)) {
  test(`${name}: training data outside 0..1 are refused in words, for there the loss has no least value`, () => {
    expect(() => checkData(model(narrow), narrow)).not.toThrow();
    expect(() => checkData(model(wide), wide)).toThrow(
      expect.objectContaining({
        code: "data",
        message: expect.stringMatching(/from 0 to 1, and x has 1\.5: .*data\.scale=unit.*squared/),
      }),
    );
  });
}

test("a byte counts as what it stands for", () => {
  const ofUnit = pairs(bytes, bytes, pixels([2]));
  const plainBytes = pairs(bytes, bytes, { kind: "vector", shape: [2], store: "u8" });
  expect(() => checkData(ae({ data: ofUnit, ...small, loss: "bce" }), ofUnit)).not.toThrow();
  expect(() => checkData(ae({ data: plainBytes, ...small, loss: "bce" }), plainBytes)).toThrow(/x has 255/);
});

test("errors and likelihoods of any number, new examples, and a model that scales its data itself, have no such bound", () => {
  for (const model of [
    ae({ data: wide, ...small, loss: "squared" }),
    vae({ data: wide, ...small, likelihood: "gaussian" }),
    anomalyAe({ data: wide, network: "dense", widths: [4], latent: 1, loss: "bce", scaling: "range" }),
  ]) {
    expect(() => checkData(model, wide)).not.toThrow();
  }
  const laterBeyond = pairs(inside, beyond);
  expect(() => checkData(ae({ data: laterBeyond, ...small, loss: "bce" }), laterBeyond)).not.toThrow();
});

test("a scaling to other numbers than a loss is of is refused", () => {
  expect(() =>
    anomalyAe({ data: wide, network: "dense", widths: [4], latent: 1, loss: "bce", scaling: "standard" }),
  ).toThrow(expect.objectContaining({ code: "config", message: expect.stringContaining('take scaling "range"') }));
});
