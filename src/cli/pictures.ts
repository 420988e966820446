import { join } from "node:path";
import { ReparamError } from "../errors.ts";
import type { Message } from "../host/job.ts";
import type { ReportPicture } from "../report/html.ts";
import { type ImageShape, imageGrid, manifoldGrid, reconstructionGrid } from "../report/image-grid.ts";
import { latentScatter } from "../report/latent-scatter.ts";
import { lineChart } from "../report/line-chart.ts";
import { principalComponents2 } from "../report/principal-components.ts";
import type { PicturesEvent } from "../train/messages.ts";
import { writeWhole } from "./files.ts";
import { floats } from "./floats.ts";
import type { MetricsLine } from "./metrics.ts";

/**
 * Writes the pictures of a run: samples, reconstructions, the latent space and, where it is a plane, the manifold.
 * Returns them for the report.
 */
export async function writePictures(
  run: string,
  { shape, latent, manifold }: PicturesEvent,
  blobs: NonNullable<Message["blobs"]>,
): Promise<ReportPicture[]> {
  const pictures: ReportPicture[] = [];
  const image = imageShape(shape);
  if (image) {
    const png = gridPicture(floats(blobs.samples, "samples"), image);
    pictures.push({ name: "samples.png", caption: "Samples: codes drawn from the prior, decoded", png });
    const originals = floats(blobs.originals, "originals");
    const pairs = pairsPicture(originals, floats(blobs.reconstructions, "reconstructions"), image);
    pictures.push({ name: "reconstructions.png", caption: "Test examples above their reconstructions", png: pairs });
  }
  const codes = latentPicture(floats(blobs.codes, "codes"), latent, blobs.codeLabels);
  pictures.push({ name: "latent.png", caption: "Latent means of test examples", png: codes });
  if (image && manifold) {
    const png = manifoldGrid(floats(blobs.manifold, "manifold"), { ...image, ...manifold });
    pictures.push({ name: "manifold.png", caption: "The latent plane, decoded point by point", png });
  }
  for (const { name, png } of pictures) await writeWhole(join(run, name), png);
  return pictures;
}

/** The shape of examples that can be shown as images, `[height, width, 1 or 3]`. */
export function requireImageShape(shape: readonly number[], path: string): ImageShape {
  const image = imageShape(shape);
  if (!image) throw new ReparamError("usage", `Examples of ${path} are ${shape.join("x")} and no images to be shown.`);
  return image;
}

function imageShape(shape: readonly number[]): ImageShape | undefined {
  const [height, width, channels] = shape;
  return shape.length === 3 && (channels === 1 || channels === 3) ? { height, width, channels } : undefined;
}

/** Images `[count, height, width, channels]` side by side as PNG. */
export function gridPicture(images: Float32Array, shape: ImageShape): Uint8Array {
  return imageGrid(images, { ...shape, count: countOf(images, shape) });
}

/** Originals above reconstructions as PNG, both `[count, height, width, channels]`. */
export function pairsPicture(originals: Float32Array, reconstructions: Float32Array, shape: ImageShape): Uint8Array {
  return reconstructionGrid(originals, reconstructions, { ...shape, count: countOf(originals, shape) });
}

const countOf = (images: Float32Array, { height, width, channels }: ImageShape) =>
  images.length / (height * width * channels);

/** Codes `[count, latent]` in the plane as PNG: as they are when they have two dimensions, else projected. */
function latentPicture(codes: Float32Array, latent: number, labels: Uint8Array | undefined): Uint8Array {
  const count = codes.length / latent;
  const title = `Latent means of ${count} test examples`;
  if (latent === 2) return latentScatter({ points: codes, count, labels, title, xLabel: "z₁", yLabel: "z₂" });
  const { points, explained } = principalComponents2(codes, count, latent);
  const [xLabel, yLabel] = explained.map((share, i) => {
    return `${["first", "second"][i]} principal component (${Math.round(share * 100)} % of the variance)`;
  });
  return latentScatter({ points, count, labels, title, xLabel, yLabel });
}

/** The loss curves, in nats an example over epochs, as PNG. */
export function lossesPicture(lines: readonly MetricsLine[]): Uint8Array {
  const epochs = lines.filter((line) => line.test);
  const curve = (name: string, value: (line: MetricsLine) => number | null | undefined) => ({
    name,
    points: epochs.map((line) => [line.epoch, value(line) ?? Number.NaN] as const),
  });
  return lineChart({
    title: "Loss",
    xLabel: "epoch",
    yLabel: "nats an example",
    series: [curve("training", (line) => line.train.loss), curve("test", (line) => line.test?.loss)],
  });
}
