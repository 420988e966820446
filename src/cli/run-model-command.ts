import { dirname } from "node:path";
import { type FieldValues, valuesOf } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { encodeNpy } from "../formats/npy.ts";
import type { Host } from "../host/job.ts";
import { drawPairs } from "../report/drawers/reconstructions.ts";
import { drawExamples } from "../report/drawers/samples.ts";
import { isDrawable } from "../report/tiles.ts";
import { proveWritable, writeWhole } from "./files.ts";
import { loadModel, type SavedModel } from "./saved-model.ts";
import type { Services } from "./services.ts";
import { extensionOf, wholeNumber } from "./use-flags.ts";
import { askUse, configWith, type ModelOptions, withHost } from "./use-model.ts";
import { type Rows, rowsFor } from "./use-rows.ts";
import type { ModelCommand } from "./use-table.ts";

/** Flags of a command that runs a use. */
export interface UseOptions extends ModelOptions {
  readonly count?: string;
  readonly seed: string;
  readonly label?: string;
  readonly out: string;
}

/** More rows are no picture that can be looked at. */
const MOST_DRAWN = 10_000;
const MOST_COLUMNS = 20;

/** Runs the command: `reparam sample RUN`, `reparam decode RUN codes.npy` and the like. */
export async function runModelCommand(
  command: ModelCommand,
  [run, codes]: readonly [string, string?],
  options: UseOptions,
  services: Services,
): Promise<number> {
  const { use } = command;
  const { out, label } = options;
  const picture = extensionOf("--out", out, [".npy", ".png"]) === ".png";
  const wanted = options.count === undefined ? command.count : wholeNumber("--count", options.count, 1, 10_000_000);
  const seed = wholeNumber("--seed", options.seed, 0, 0xffff_ffff);
  await proveWritable(dirname(out));
  const saved = await loadModel(run, options.best);
  checkUse(saved, use);
  if (picture) checkDrawable(saved, use);
  const config = configWith(saved.config, options);
  const rows = await rowsFor(command, saved, { ...options, data: config.data, wanted, codes }, services);
  const { count, what } = rows;
  if (picture && count > MOST_DRAWN) {
    const advice = `name a .npy file with --out, or fewer with --count`;
    throw new ReparamError("usage", `A picture shows at most ${MOST_DRAWN} rows, and these are ${count}: ${advice}.`);
  }

  const { to } = saved.model.uses[use];
  const request = { use, config, seed };
  const size = to.shape.length > 0 ? `, ${to.shape.join("x")} each` : "";
  let told = `${out}: ${use} of ${what}, ${count} ${count === 1 ? "row" : "rows"}${size}`;
  const file = await withHost(config, services, async (host) => {
    if (picture && use === "reconstruct") return drawnPairs(host, saved, request, rows);
    const result = await askUse(host, saved, request, rows);
    if (use === "classify" && rows.labels) told += `, ${wrongText(result, rows.labels)}`;
    if (!picture) return encodeNpy({ shape: [count, ...to.shape], data: result });
    const columns = label === undefined ? columnsOf(saved, command) : undefined;
    return drawExamples(result, to, { ...(columns && { columns }) });
  });
  await writeWhole(out, file);
  services.terminal.stdout.write(`${told}\n`);
  return 0;
}

/** How many of the largest probabilities, [rows, classes], are not those of the true classes. */
function wrongText(probabilities: Float32Array, labels: FieldValues): string {
  const classes = probabilities.length / labels.length;
  let wrong = 0;
  for (const [row, label] of labels.entries()) {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    if (own.indexOf(Math.max(...own)) !== label) wrong++;
  }
  return `${((100 * wrong) / labels.length).toFixed(2)} % are wrong (${wrong} of ${labels.length})`;
}

/** Examples and what becomes of them. A denoiser is shown at its work: the spoilt example stands between the two. */
async function drawnPairs(
  host: Host,
  saved: SavedModel,
  request: Parameters<typeof askUse>[2],
  rows: Rows,
): Promise<Uint8Array> {
  const { uses } = saved.model;
  const { fields, inputs } = rows;
  const originals = valuesOf(inputs.x, fields.x);
  const { to } = uses.reconstruct;
  if (!uses.corrupt) return drawPairs([originals, await askUse(host, saved, request, rows)], to);
  const spoilt = await askUse(host, saved, { ...request, use: "corrupt" }, rows);
  // What a use gives are values, whatever the data are stored as.
  const x = { ...fields.x, store: "f32", unit: 1 } as const;
  const again = { ...rows, fields: { ...fields, x }, inputs: { ...inputs, x: spoilt } };
  return drawPairs([originals, spoilt, await askUse(host, saved, request, again)], to);
}

/** A model that draws each class in turn has a column for each, where they fit. */
function columnsOf({ model, fields }: SavedModel, { use, rows }: ModelCommand): number | undefined {
  const classes = rows === "noise" && model.uses[use].from.label ? fields.label.classes : undefined;
  return classes !== undefined && classes <= MOST_COLUMNS ? classes : undefined;
}

function checkUse({ model, config, path }: SavedModel, use: string): void {
  if (Object.hasOwn(model.uses, use)) return;
  const known = Object.keys(model.uses);
  const can = known.length > 1 ? `${known.slice(0, -1).join(", ")} and ${known.at(-1)}` : known[0];
  const { family } = config.model;
  throw new ReparamError("usage", `${path} is a model of the family ${family}, which cannot ${use}; it can ${can}.`);
}

function checkDrawable({ model, path }: SavedModel, use: string): void {
  const { to } = model.uses[use];
  if (isDrawable(to)) return;
  const what = `${to.kind === "image" ? "images" : `a ${to.kind}`} of ${to.shape.join("x")}`;
  throw new ReparamError("usage", `${path}: ${use} gives ${what}, which cannot be drawn; name a .npy file with --out.`);
}
