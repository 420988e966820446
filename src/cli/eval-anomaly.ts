import { dirname } from "node:path";
import type { RunConfig } from "../config/config.ts";
import { classNamed } from "../data/one-class.ts";
import { ReparamError } from "../errors.ts";
import { anomalyThreshold, detection, roc } from "../metrics/detection.ts";
import { histogram } from "../report/histogram.ts";
import { CATEGORIES } from "../report/palette.ts";
import { checkUse } from "./check-use.ts";
import { proveWritable, writeWhole } from "./files.ts";
import type { SavedModel } from "./saved-model.ts";
import type { Services } from "./services.ts";
import { extensionOf } from "./use-flags.ts";
import { askUse, withHost } from "./use-model.ts";
import { rowsFor } from "./use-rows.ts";

export interface AnomalyOptions {
  /** The class that is normal: that which the model was trained on unless given. */
  readonly normal?: string;
  readonly split?: string;
  readonly json?: boolean;
  /** The picture. */
  readonly out: string;
}

const USE = "score";

/**
 * `reparam eval RUN --anomaly`: how well a model's scores tell normal examples from others. The threshold is a standard deviation
 * above the mean of the normal training examples' scores; as in TensorFlow's tutorial the positives are the normal examples.
 */
export async function evaluateAnomaly(
  saved: SavedModel,
  config: RunConfig,
  { normal, split, json, out }: AnomalyOptions,
  services: Services,
): Promise<number> {
  checkUse(saved, USE);
  extensionOf("--out", out, [".png"]);
  await proveWritable(dirname(out));
  const wanted = normal ?? saved.config.data.trainClass;
  if (wanted === null) {
    throw new ReparamError("usage", "--anomaly has to know which class is normal: name it with --normal.");
  }
  // The threshold is of the data that the model was trained on, whatever it is judged on.
  const trainedOn = { ...saved.config.data, directory: config.data.directory, trainClass: wanted };
  const rowsOf = (data: RunConfig["data"], from: string | undefined) =>
    rowsFor({ use: USE, rows: "examples" }, saved, { data, split: from, wanted: null }, services);
  const known = await rowsOf(trainedOn, "train");
  const judged = await rowsOf(config.data, split);
  const { label: field, labels, count, what } = judged;
  const normalClass = field && classNamed(field, wanted);
  if (!labels || normalClass === undefined) {
    throw new ReparamError("data", `${what} has no class ${wanted}, and --anomaly has to know what is normal in it.`);
  }

  const request = { use: USE, config, seed: 0 };
  const [normalScores, scores] = await withHost(config, services, async (host) => [
    await askUse(host, saved, request, known),
    await askUse(host, saved, request, judged),
  ]);
  const isNormal = Array.from(labels, (label) => label === normalClass);
  const threshold = anomalyThreshold(normalScores);
  const { accuracy, precision, recall } = detection(scores, isNormal, threshold);
  const { area } = roc(scores, isNormal);
  await writeWhole(out, pictureOf(scores, isNormal, threshold));

  const normalCount = isNormal.filter((is) => is).length;
  const counts = { count, normalCount };
  const found = { threshold, accuracy, precision, recall, area };
  const { stdout } = services.terminal;
  if (json) {
    const event = { event: "anomaly", run: saved.path, data: what, normal: String(wanted), ...counts, ...found };
    stdout.write(`${JSON.stringify(event)}\n`);
    return 0;
  }
  const percent = (share: number) => (Number.isNaN(share) ? "none" : `${(100 * share).toFixed(2)} %`);
  stdout.write(`${what}: ${count} examples, ${normalCount} of them normal (class ${wanted})\n`);
  stdout.write(`threshold ${threshold.toPrecision(4)}: a deviation above the mean of ${known.count} training scores\n`);
  stdout.write(
    `accuracy ${percent(accuracy)}, of normal: precision ${percent(precision)}, recall ${percent(recall)}\n`,
  );
  stdout.write(`area under the ROC ${area.toFixed(4)}\n`);
  stdout.write(`${out}: the scores\n`);
  return 0;
}

function pictureOf(scores: Float32Array, isNormal: readonly boolean[], threshold: number): Uint8Array<ArrayBuffer> {
  const group = (name: string, color: (typeof CATEGORIES)[number], is: boolean) => ({
    name,
    color,
    values: scores.filter((_, row) => isNormal[row] === is),
  });
  return histogram({
    title: `Scores of ${scores.length} examples`,
    xLabel: "score",
    yLabel: "examples",
    groups: [group("normal", CATEGORIES[0], true), group("other", CATEGORIES[2], false)],
    marks: [{ x: threshold, name: "threshold" }],
  });
}
