import type { Dataset } from "../../src/data/dataset.ts";
import type { Device } from "../../src/gpu/device.ts";
import { autoencoder, type Model } from "../../src/models/index.ts";
import { mlp, sequence } from "../../src/nn/layers.ts";
import { flattenLayer } from "../../src/nn/shape-layers.ts";
import { crossEntropy, softmax } from "../../src/ops/softmax.ts";
import { fit } from "../../src/train/fit.ts";

const CLASSES = 10;

/** A network that names the class of an image of 28x28. */
function classifier({ fields: { x, label } }: Dataset): Model {
  const layers = sequence([
    flattenLayer(),
    mlp("classifier", { inputs: 784, hidden: [256], outputs: CLASSES, activation: "relu", initializer: "he" }),
  ]);
  return autoencoder({
    fields: { x, label },
    parameters: layers.parameters,
    unit: "nats",
    terms: (batch, pass) => ({ loss: crossEntropy(layers.apply(batch.field("x"), pass), batch.field("label")) }),
    uses: {
      classify: {
        from: { x },
        to: { kind: "vector", shape: [CLASSES], store: "f32" },
        apply: ({ x }, pass) => softmax(layers.apply(x, pass)),
      },
    },
  });
}

/** What a judge says of an image: its class, and how sure that is, 0.1 to 1. */
interface Verdict {
  readonly name: number;
  readonly confidence: number;
}

/** Another network than the one that is judged, trained on the same images. */
export interface Judge {
  /** The share of the test images that it names right. */
  readonly accuracy: number;
  /** images: [count, 28, 28, 1], bytes or values. */
  judge(images: Float32Array | Uint8Array): Promise<Verdict[]>;
  dispose(): Promise<void>;
}

/** Trains a classifier of ten classes. */
export async function trainJudge(device: Device, data: Dataset, epochs = 10): Promise<Judge> {
  const learningRateSchedule = { name: "cosine" } as const;
  const run = fit(device, classifier(data), data, { epochs, batchSize: 100, learningRateSchedule, seed: 1 });
  await run.finished;
  const judge = async (images: Float32Array | Uint8Array): Promise<Verdict[]> => {
    const count = images.length / 784;
    const rows = await run.use("classify", count, { x: images });
    return Array.from({ length: count }, (_, k) => {
      const row = rows.subarray(k * CLASSES, (k + 1) * CLASSES);
      const confidence = Math.max(...row);
      return { name: row.indexOf(confidence), confidence };
    });
  };
  const { x, label } = data.test.values;
  const right = (await judge(x as Uint8Array)).filter(({ name }, k) => name === label[k]).length;
  return { accuracy: right / data.test.count, judge, dispose: () => run.dispose() };
}
