import * as v from "valibot";

/**
 * The whole description of a run, every default written out: what stands in a run's config.json, and all that its
 * result depends on beside the data itself. `resolve.ts` makes one from preset, file and flags.
 *
 * Every schema's message is the phrase that follows "must be" when a value is refused.
 */

const range = (min: number, max: number) =>
  max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;

function whole(min: number, max = Number.MAX_SAFE_INTEGER, suffix = "") {
  const allowed = `a whole number ${range(min, max)}${suffix}`;
  return v.pipe(v.number(allowed), v.safeInteger(allowed), v.minValue(min, allowed), v.maxValue(max, allowed));
}

function atLeast(min: number) {
  const allowed = `a number of at least ${min}`;
  return v.pipe(v.number(allowed), v.finite(allowed), v.minValue(min, allowed));
}

function above(min: number, suffix = "") {
  const allowed = `a number above ${min}${suffix}`;
  return v.pipe(v.number(allowed), v.finite(allowed), v.gtValue(min, allowed));
}

/** A number in [0, 1). */
function fraction() {
  const allowed = "a number of at least 0 and below 1";
  return v.pipe(v.number(allowed), v.minValue(0, allowed), v.ltValue(1, allowed));
}

function oneOf<const Names extends readonly string[]>(...names: Names) {
  return v.picklist(names, `one of ${names.join(", ")}`);
}

const object = <Entries extends v.ObjectEntries>(entries: Entries) => v.strictObject(entries, "an object");

const named = <const Name extends string, Entries extends v.ObjectEntries>(name: Name, entries: Entries) =>
  object({ name: v.literal(name), ...entries });

const activation = oneOf("relu", "leakyRelu", "elu", "gelu", "silu", "sigmoid", "tanh", "softplus");
const likelihood = oneOf("bernoulli", "gaussian");
const initializer = oneOf("pytorch", "glorot", "he");

const normalization = oneOf("none", "batch", "layer", "group");

const widths = (example: string) =>
  v.pipe(
    v.array(whole(1, 65_536), `a list of layer widths such as ${example}`),
    v.maxLength(32, "a list of at most 32 layer widths"),
  );

// The defaults are for a family that replaces the preset's.
const model = v.variant(
  "family",
  [
    object({
      family: v.literal("vae"),
      /** Widths of the encoder's hidden layers; the decoder has them in reverse. [] is a linear model. */
      hidden: v.optional(widths("[400]"), [400]),
      activation: v.optional(activation, "relu"),
      latent: v.optional(whole(1, 65_536), 20),
      likelihood: v.optional(likelihood, "bernoulli"),
      initializer: v.optional(initializer, "pytorch"),
    }),
    object({
      family: v.literal("conv-vae"),
      /** Channels after each convolution with stride 2; the decoder has them in reverse. */
      channels: v.optional(
        v.pipe(widths("[32,64]"), v.minLength(1, "a list of layer widths such as [32,64]")),
        [32, 64],
      ),
      /** Width of the dense layer between the convolutions and the code. */
      dense: v.optional(whole(1, 65_536), 16),
      activation: v.optional(activation, "relu"),
      latent: v.optional(whole(1, 65_536), 2),
      likelihood: v.optional(likelihood, "bernoulli"),
      initializer: v.optional(initializer, "glorot"),
      /** Between each convolution but the decoder's last and its activation. */
      normalization: v.optional(normalization, "none"),
      /** Rate of dropout behind the activations of the dense layers. */
      dropout: v.optional(fraction(), 0),
    }),
  ],
  "one of vae, conv-vae",
);

const data = object({
  /** A built-in or downloadable set by name, or the path of one. */
  name: v.pipe(v.string("a name or a path"), v.nonEmpty("a name or a path")),
  /** Where the files of a named set lie; null looks in REPARAM_DATA and the usual places. */
  directory: v.nullable(v.pipe(v.string("a folder or null"), v.nonEmpty("a folder or null"))),
  /** Take only the first N examples; null takes all. */
  trainCount: v.nullable(whole(1, undefined, ", or null")),
  testCount: v.nullable(whole(1, undefined, ", or null")),
  /** Seed of the generated set `digits`. */
  seed: whole(0, 0xffff_ffff),
});

const optimizer = object({
  name: oneOf("adam", "adamw", "sgd", "rmsprop"),
  learningRate: above(0),
  /** Adam and AdamW: decay of the first and second moments. */
  beta1: fraction(),
  beta2: fraction(),
  epsilon: above(0),
  /** SGD. */
  momentum: fraction(),
  /** RMSprop: decay of the mean square. */
  decay: fraction(),
  weightDecay: atLeast(0),
  /** Scale the gradient down to this global norm; null never does. */
  clipNorm: v.nullable(above(0, ", or null")),
});

/** A multiplier of the learning rate. `final` is the multiplier at the last step. */
const learningRateSchedule = v.variant(
  "name",
  [
    named("constant", {}),
    named("cosine", { warmupSteps: v.optional(whole(0), 0), final: v.optional(atLeast(0), 0) }),
    named("linear", { warmupSteps: v.optional(whole(0), 0), final: v.optional(atLeast(0), 0) }),
    /** factor^floor(step / every) */
    named("step", { every: whole(1), factor: v.optional(above(0), 0.5) }),
    /** rate^(step / steps of an epoch) */
    named("exponential", { rate: above(0) }),
  ],
  "one of constant, cosine, linear, step, exponential",
);

/** The weight of the KL term (beta-VAE; annealing as in Bowman et al. 2016, cyclical as in Fu et al. 2019). */
const klWeight = v.variant(
  "name",
  [
    named("constant", { value: v.optional(atLeast(0), 1) }),
    named("linear", { from: v.optional(atLeast(0), 0), to: v.optional(atLeast(0), 1), steps: whole(1) }),
    /** Each cycle rises from 0 to `to` over its first `ratio` part and stays there for the rest. */
    named("cyclical", {
      cycles: v.optional(whole(1), 4),
      ratio: v.optional(v.pipe(above(0), v.maxValue(1, "a number above 0 and at most 1")), 0.5),
      to: v.optional(atLeast(0), 1),
    }),
  ],
  "one of constant, linear, cyclical",
);

const training = object({
  epochs: whole(1, 1_000_000),
  /** Stop after this many steps even inside an epoch; null leaves it to the epochs. */
  maxSteps: v.nullable(whole(1, 0xffff_ffff, ", or null")),
  batchSize: whole(1, 1_048_576),
  /** How a step stores what matmuls and convolutions read; weights, sums and checkpoints are f32 in either case. */
  precision: v.optional(oneOf("f32", "f16"), "f32"),
  optimizer,
  learningRateSchedule,
  klWeight,
  /** Stop when the test loss has not fallen by more than minDelta nats for `patience` epochs. */
  earlyStopping: v.nullable(object({ patience: v.optional(whole(1), 5), minDelta: v.optional(atLeast(0), 0) })),
  /** Epochs. */
  checkpointEvery: whole(1),
  /** Steps between extra lines of metrics.jsonl; null writes one line an epoch. */
  metricsEvery: v.nullable(whole(1, undefined, ", or null")),
});

export const configSchema = object({
  model,
  data,
  training,
  seed: whole(0, 0xffff_ffff),
  host: oneOf("chromium", "dawn"),
});

export type TrainConfig = v.InferOutput<typeof configSchema>;
export type ModelConfig = TrainConfig["model"];
export type TrainingConfig = TrainConfig["training"];
export type OptimizerConfig = TrainingConfig["optimizer"];
export type LearningRateSchedule = TrainingConfig["learningRateSchedule"];
export type KlWeightSchedule = TrainingConfig["klWeight"];
