import { dirname } from "node:path";
import { type Field, fieldSize, valuesOf } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { encodeNpy } from "../formats/npy.ts";
import { pictureOf } from "../report/picture.ts";
import { checkDrawable, checkDrawn, checkUse, describeRows } from "./check-use.ts";
import { readCodes, storedAs } from "./code-files.ts";
import { loadExamples } from "./examples.ts";
import { proveWritable, writeWhole } from "./files.ts";
import { runModelCommand, type UseOptions } from "./run-model-command.ts";
import { loadModel } from "./saved-model.ts";
import type { Services } from "./services.ts";
import { extensionOf, wholeNumber } from "./use-flags.ts";
import { askUse, configWith, withHost } from "./use-model.ts";
import type { ModelCommand } from "./use-table.ts";

export interface DecodeOptions extends UseOptions {
  readonly compare?: boolean;
}

/** `reparam decode RUN codes.npz`; with --compare, what the codes cost and what is lost in them. */
export async function runDecode(
  command: ModelCommand,
  names: readonly [string, string?],
  options: DecodeOptions,
  services: Services,
): Promise<number> {
  if (options.compare) return compare(command, names, options, services);
  const { data, dataDir, split } = options;
  if (data ?? dataDir ?? split) {
    throw new ReparamError("usage", "--data, --data-dir and --split say what --compare compares with: add it.");
  }
  return runModelCommand(command, names, options, services);
}

/** Decodes the codes of a file beside those that the model gives the same examples now. */
async function compare(
  command: ModelCommand,
  [run, path = ""]: readonly [string, string?],
  options: DecodeOptions,
  services: Services,
): Promise<number> {
  const { out, label, split, count: wanted = "all" } = options;
  const picture = out !== undefined && extensionOf("--out", out, command.files) === ".png";
  const seed = wholeNumber("--seed", options.seed, 0, 0xffff_ffff);
  if (label !== undefined) {
    throw new ReparamError("usage", "--label does not go with --compare, which takes the classes of the examples.");
  }
  if (out !== undefined) await proveWritable(dirname(out));
  const saved = await loadModel(run, options, services);
  for (const use of ["decode", "encode"]) checkUse(saved, use, "--compare");
  if (picture) checkDrawable(saved, "decode");
  const { decode, encode } = saved.model.uses;
  const file = await readCodes(path, decode.from.code);
  const count = wanted === "all" ? file.count : Math.min(file.count, wholeNumber("--count", wanted, 1, 10_000_000));
  if (picture) checkDrawn(count);
  const config = configWith(saved.config, options);
  const reads = new Set(["x", ...Object.keys(encode.from), ...Object.keys(decode.from)]);
  reads.delete("code");
  const asked = { split, count, reads: [...reads] };
  const { name, fields, examples } = await loadExamples(saved, config.data, asked, services);
  if (examples.count < count) {
    const found = `${count} codes, and there are ${examples.count} such examples of ${name}`;
    throw new ReparamError("data", `${path} holds ${found}: give --data and --split as for encode.`);
  }
  const { values } = examples;
  const codes = file.codes.subarray(0, count * fieldSize(decode.from.code));
  const decoded = await withHost(config, services, async (host) => {
    const ask = (use: string, inputs: typeof values) =>
      askUse(host, saved, { use, config, seed }, { count, fields, inputs });
    const own = await ask("encode", values);
    checkBelong(codes, own, count, path, name);
    return {
      file: await ask("decode", { ...values, code: codes }),
      own: await ask("decode", { ...values, code: storedAs(own, decode.from.code) }),
    };
  });
  const originals = valuesOf(values.x, fields.x);
  const [error, ownError] = [decoded.file, decoded.own].map((result) => meanSquare(result, originals).toPrecision(6));
  const { stdout } = services.terminal;
  if (out !== undefined) {
    const shape = [count, ...decode.to.shape];
    await writeWhole(
      out,
      picture
        ? pictureOf(decoded.file, decode.to, { title: `decode of ${path}` })
        : encodeNpy({ shape, data: decoded.file }),
    );
    stdout.write(`${describeRows(out, `decode of ${path}`, count, decode.to)}\n`);
  }
  const each = file.bytes / file.count;
  const raw = bytesOfExample(fields.x);
  const how = file.bits ? `, ${file.bits} ${file.bits === 1 ? "bit" : "bits"} a number` : "";
  stdout.write(
    `${path}: ${each.toFixed(1)} bytes an example${how}, beside ${raw} of ${name}: ${(raw / each).toFixed(1)} times less\n` +
      `mean squared error ${error} a number, and ${ownError} from codes as the model gives them\n`,
  );
  return 0;
}

/**
 * Throws ReparamError "data" for codes that are further from the examples' own than the mean of those is: they are of other
 * examples, or of another model.
 */
function checkBelong(codes: ArrayLike<number>, own: Float32Array, count: number, path: string, name: string): void {
  const latent = own.length / count;
  const mean = new Float64Array(latent);
  own.forEach((value, k) => {
    mean[k % latent] += value / count;
  });
  const spread = meanSquare(
    own,
    own.map((_, k) => mean[k % latent]),
  );
  if (meanSquare(Float32Array.from(codes), own) <= spread) return;
  const advice = "give the model, --data and --split as for encode";
  throw new ReparamError("data", `${path} does not hold this model's codes of these examples of ${name}: ${advice}.`);
}

const meanSquare = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, k) => sum + (value - b[k]) ** 2, 0) / a.length;

const BYTES = { u8: 1, u16: 2, f32: 4 } as const;

/** What an example takes as the data store it. */
const bytesOfExample = (field: Field): number => fieldSize(field) * BYTES[field.store];
