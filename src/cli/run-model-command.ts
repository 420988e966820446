import { dirname } from "node:path";
import { type FieldValues, valuesOf } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { encodeNpy } from "../formats/npy.ts";
import type { Host } from "../host/job.ts";
import { drawPairs } from "../report/drawers/reconstructions.ts";
import { pictureOf } from "../report/picture.ts";
import { checkDrawable, checkDrawn, checkUse, describeRows } from "./check-use.ts";
import { areBits, areTokens, type CodeBits, codeBits, encodeCodes } from "./code-files.ts";
import { columnNames, csvOf } from "./csv.ts";
import { proveWritable, writeWhole } from "./files.ts";
import { loadModel, type SavedModel } from "./saved-model.ts";
import type { Services } from "./services.ts";
import { extensionOf, oneWord, wholeNumber } from "./use-flags.ts";
import { askUse, configWith, type ModelOptions, withHost } from "./use-model.ts";
import { type Rows, rowsFor } from "./use-rows.ts";
import type { ModelCommand } from "./use-table.ts";

/** Flags of a command that runs a use. */
export interface UseOptions extends ModelOptions {
  readonly count?: string;
  readonly seed: string;
  readonly label?: string;
  /** Of a code's number in a .npz file. */
  readonly bits?: string;
  readonly out?: string;
}

const MOST_COLUMNS = 20;

/** Runs the command: `reparam sample RUN`, `reparam decode RUN codes.npy` and the like. */
export async function runModelCommand(
  command: ModelCommand,
  [run, codes]: readonly [string, string?],
  options: UseOptions,
  services: Services,
): Promise<number> {
  const { use } = command;
  const { label, out = command.out } = options;
  const extension = extensionOf("--out", out, command.files);
  const picture = extension === ".png";
  const wanted = wantedRows(command, options.count, picture);
  const seed = wholeNumber("--seed", options.seed, 0, 0xffff_ffff);
  await proveWritable(dirname(out));
  const saved = await loadModel(run, options, services);
  checkUse(saved, use);
  if (picture) checkDrawable(saved, use);
  const bits = bitsOf(options.bits, extension, saved);
  const config = configWith(saved.config, options);
  const rows = await rowsFor(command, saved, { ...options, data: config.data, wanted, codes }, services);
  const { count, what } = rows;
  if (picture) checkDrawn(count);

  const { to } = saved.model.uses[use];
  const request = { use, config, seed };
  let told = describeRows(out, `${use} of ${what}`, count, to);
  const file = await withHost(config, services, async (host) => {
    if (picture && use === "reconstruct") return drawnPairs(host, saved, request, rows);
    const result = await askUse(host, saved, request, rows);
    if (use === "classify" && rows.labels) told += `, ${wrongText(result, rows.labels)}`;
    if (extension === ".npz") {
      const packed = encodeCodes(result, to, bits);
      told += `, ${(packed.length / count).toFixed(1)} bytes an example`;
      return packed;
    }
    if (extension === ".csv") return csvOf(columnNames(use, to), result, classNames(rows));
    if (!picture) return encodeNpy({ shape: [count, ...to.shape], data: result });
    const columns = command.rows === "noise" && label === undefined ? columnsOf(saved, use) : undefined;
    return pictureOf(result, to, { title: `${use} of ${what}, ${count} rows`, ...(columns && { columns }) });
  });
  await writeWhole(out, file);
  services.terminal.stdout.write(`${told}\n`);
  return 0;
}

/** How many rows, null for all: a picture shows some of the examples where nobody says how many. */
function wantedRows({ rows, count }: ModelCommand, given: string | undefined, picture: boolean): number | null {
  if (given === "all" && rows !== "noise") return null;
  if (given !== undefined) return wholeNumber("--count", given, 1, 10_000_000);
  return rows === "examples" && !picture ? null : count;
}

/** Bits of a number in a .npz file of codes. Throws ReparamError "usage" where nothing has so many. */
function bitsOf(given: string | undefined, extension: string, { model, path }: SavedModel): CodeBits {
  if (given === undefined) return "32";
  if (extension !== ".npz") throw new ReparamError("usage", "--bits goes with a .npz file: --out codes.npz.");
  const bits = oneWord("--bits", given, codeBits);
  const { to } = model.uses.encode;
  if (bits === "1" && !areBits(to)) {
    throw new ReparamError(
      "usage",
      `The codes of ${path} are no bits, and --bits 1 is for those that are: take 8 or 16.`,
    );
  }
  if (!areTokens(to)) return bits;
  throw new ReparamError(
    "usage",
    `The codes of ${path} are tokens, which lose nothing in a .npz file: leave --bits out.`,
  );
}

/** The true class of each row, where the data say it. */
const classNames = ({ labels, label }: Rows): string[] | undefined =>
  labels && Array.from(labels, (number) => label?.names?.[number] ?? `${number}`);

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
export function columnsOf({ model, fields }: SavedModel, use: string): number | undefined {
  const classes = model.uses[use].from.label ? fields.label.classes : undefined;
  return classes !== undefined && classes <= MOST_COLUMNS ? classes : undefined;
}
