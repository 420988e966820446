import type { Split } from "../../data/dataset.ts";
import type { Message } from "../../host/job.ts";
import type { Model } from "../../models/index.ts";
import { sizeOf } from "../../node/node.ts";
import type { Inference } from "../inference.ts";
import type { PicturesEvent } from "../messages.ts";
import { bytesOf } from "./messages.ts";

/** How much is shown: of the whole run, and of a fast development run. */
const FULL = { samples: 64, pairs: 30, codes: 5000, side: 20 };
const FAST = { samples: 16, pairs: 8, codes: 64, side: 5 };

/** The prior's quantiles between which the latent plane is shown: the middle 95 %. */
const EDGE = 1.96;

/** The same samples for every run, so that runs can be compared. */
const SAMPLE_SEED = 7;

/** Everything that a run's pictures are drawn from. */
export async function pictures(
  inference: Inference,
  model: Model,
  test: Split,
  fast: boolean,
): Promise<{ event: PicturesEvent; blobs: NonNullable<Message["blobs"]> }> {
  const amounts = fast ? FAST : FULL;
  const features = sizeOf(model.input);
  const pairs = Math.min(amounts.pairs, test.count);
  const coded = Math.min(amounts.codes, test.count);
  const examples = toFloats(test.examples.subarray(0, Math.max(pairs, coded) * features));
  const originals = examples.subarray(0, pairs * features);
  const blobs: Record<string, Uint8Array> = {
    samples: bytesOf(await inference.sample(amounts.samples, SAMPLE_SEED)),
    originals: bytesOf(originals),
    reconstructions: bytesOf(await inference.reconstruct(originals)),
    codes: bytesOf(await inference.encode(examples.subarray(0, coded * features))),
  };
  if (test.labels) blobs.codeLabels = test.labels.subarray(0, coded);
  if (model.latent !== 2) return { event: { event: "pictures", shape: [...model.input], latent: model.latent }, blobs };

  const ticks = Array.from({ length: amounts.side }, (_, k) => -EDGE + (2 * EDGE * k) / (amounts.side - 1));
  const manifold = { xs: ticks, ys: [...ticks].reverse() };
  const grid = Float32Array.from(manifold.ys.flatMap((y) => manifold.xs.flatMap((x) => [x, y])));
  blobs.manifold = bytesOf(await inference.decode(grid));
  return { event: { event: "pictures", shape: [...model.input], latent: 2, manifold }, blobs };
}

/** Bytes as the model sees them: 0..1. */
export const toFloats = (bytes: Uint8Array): Float32Array => Float32Array.from(bytes, (byte) => byte / 255);
