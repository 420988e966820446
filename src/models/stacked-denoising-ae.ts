import { fieldSize, vector } from "../data/dataset.ts";
import { activation as activationLayer, dense, sequence } from "../nn/layers.ts";
import type { Pass } from "../nn/pass.ts";
import type { Node } from "../node/node.ts";
import { equal, sub } from "../ops/arithmetic.ts";
import { argmax } from "../ops/indexing.ts";
import { crossEntropy, softmax } from "../ops/softmax.ts";
import { corruption, corruptionOptions } from "./corruption.ts";
import { errorOption, rangeOfData, reconstructionErrors } from "./error.ts";
import { flat, perExample, shapedAs } from "./examples.ts";
import { family, labelsOf } from "./family.ts";
import type { Model, Objective, Stage } from "./model.ts";
import { activationOption, choice, initializerOption, widths } from "./options.ts";

/** A stage of one objective, watched by its loss. */
const stageOf = (name: string, share: number, objective: Omit<Objective, "name">): Stage => ({
  name,
  share,
  monitor: { term: "loss", split: "test" },
  objectives: [{ name, ...objective }],
});

/**
 * Stacked denoising autoencoder: each layer is first trained alone, as a denoiser of what the layers before it give;
 * then all of them together as a denoiser of the examples; then, if wanted, a softmax classifier on the code.
 */
export const stackedDenoisingAe = family({
  name: "stacked-denoising-ae",
  title: "Stacked denoising",
  purpose: "squeeze",
  summary: "denoising layers trained one after another, then together, then a classifier on the code",
  words:
    "Learns one layer at a time, each to repair what the layers before it see. Then all learn together, and a few labels are enough to name what the code holds.",
  formula:
    "a layer: error(h, decode(encode(h̃))), h̃ = h spoilt; then error(x, decode(encode(x̃))); then −ln p(label | code)",
  source: "Vincent, Larochelle, Lajoie, Bengio and Manzagol 2010, https://jmlr.org/papers/v11/vincent10a.html",
  reads: ["x"],
  options: {
    layers: widths([512, 256, 64], "widths of the encoder's layers, the code last; the decoder has them in reverse", 1),
    activation: activationOption("relu"),
    loss: errorOption("bce"),
    ...corruptionOptions({ noise: "masking", amount: 0.25 }),
    head: choice(
      ["none", "softmax"],
      "none",
      "softmax trains a classifier on the code in the end, for data with labels",
    ),
    initializer: initializerOption("glorot"),
  },
  presets: {
    "stacked-denoising-ae": {
      summary: "784-512-256-64, a quarter of the numbers masked, and a softmax head",
      options: { head: "softmax" },
    },
  },
  build: ({ layers, loss, noise, amount, head, initializer, ...options }, data): Model => {
    const { x } = data.fields;
    const label = head === "softmax" ? labelsOf(data, "stacked-denoising-ae with head=softmax") : undefined;
    const sizes = [fieldSize(x), ...layers];
    const last = layers.length - 1;
    const activate = activationLayer(options.activation);
    const encoders = layers.map((width, k) =>
      sequence([dense(`encoder.${k}`, sizes[k], width, initializer), activate]),
    );
    // What gives examples back is an output without an activation; what gives a layer back has that layer's.
    const decoders = layers.map((width, k) => {
      const linear = dense(`decoder.${k}`, width, sizes[k], initializer);
      return k === 0 ? linear : sequence([linear, activate]);
    });
    const classifier = label && dense("head", layers[last], label.classes, initializer);

    const spoil = corruption("stacked-denoising-ae", noise, amount);
    const encode = (from: Node, pass: Pass, count = layers.length) =>
      encoders.slice(0, count).reduce((h, layer) => layer.apply(h, pass), flat(from));
    const decode = (code: Node, pass: Pass) => decoders.reduceRight((h, layer) => layer.apply(h, pass), code);
    const { error, decoded, unit } = reconstructionErrors[loss];
    const draw = (code: Node, pass: Pass) => shapedAs(decoded(decode(code, pass)), x);

    const alone = layers.map((_, k) => {
      const ofLayer = k === 0 ? { error, unit } : reconstructionErrors.squared;
      return stageOf(`layer ${k + 1}`, 1, {
        moves: [...encoders[k].parameters, ...decoders[k].parameters],
        unit: ofLayer.unit,
        terms: (batch, pass) => {
          const h = encode(batch.field("x"), pass, k);
          const output = decoders[k].apply(encoders[k].apply(spoil.apply(h, pass), pass), pass);
          return { loss: perExample(ofLayer.error(output, h)) };
        },
      });
    });
    const together = stageOf("fine-tuning", layers.length, {
      moves: [...encoders, ...decoders].flatMap(({ parameters }) => parameters),
      unit,
      terms: (batch, pass) => {
        const clean = flat(batch.field("x"));
        return { loss: perExample(error(decode(encode(spoil.apply(clean, pass), pass), pass), clean)) };
      },
    });
    const heads = (classifier ? [classifier] : []).map((classes) =>
      stageOf("head", 1, {
        moves: classes.parameters,
        unit: "nats",
        units: { error: "" },
        terms: (batch, pass) => {
          const logits = classes.apply(encode(batch.field("x"), pass), pass);
          const truth = batch.field("label");
          return { loss: crossEntropy(logits, truth), error: sub(1, equal(argmax(logits), truth)) };
        },
      }),
    );

    const code = vector(layers[last]);
    return {
      fields: { x, ...(label && { label }) },
      ...rangeOfData(reconstructionErrors[loss]),
      parameters: [...encoders, ...decoders, ...(classifier ? [classifier] : [])].flatMap(
        ({ parameters }) => parameters,
      ),
      schedules: spoil.schedules,
      stages: [...alone, together, ...heads],
      uses: {
        encode: { from: { x }, to: code, apply: ({ x }, pass) => encode(x, pass) },
        decode: { from: { code }, to: x, apply: ({ code }, pass) => draw(code, pass) },
        reconstruct: { from: { x }, to: x, apply: ({ x }, pass) => draw(encode(x, pass), pass) },
        corrupt: { from: { x }, to: x, apply: ({ x }, pass) => spoil.apply(x, pass) },
        ...(classifier && {
          classify: {
            from: { x },
            to: { ...vector(label!.classes), ...(label!.names && { names: label!.names }) },
            apply: ({ x }, pass) => softmax(classifier.apply(encode(x, pass), pass)),
          },
        }),
      },
    };
  },
});
