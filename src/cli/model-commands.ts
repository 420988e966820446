import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { type FieldValues, fieldSize, type Split, valuesOf } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { decodeNpy, encodeNpy } from "../formats/npy.ts";
import { drawPairs } from "../report/drawers/reconstructions.ts";
import { drawExamples } from "../report/drawers/samples.ts";
import { useNamed } from "../train/uses.ts";
import { proveWritable, writeWhole } from "./files.ts";
import { loadModel, type SavedModel } from "./saved-model.ts";
import type { Execute, Services } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";
import {
  askUse,
  configWith,
  extensionOf,
  loadExamples,
  type ModelOptions,
  splits,
  wholeNumber,
  withHost,
} from "./use-model.ts";

/** A command that runs one use of a trained model. */
export interface ModelCommand {
  /** The command's name is the use's. */
  readonly use: string;
  readonly summary: string;
  /** What its rows come from: noise alone, the data's examples, or codes of a file. */
  readonly rows: "noise" | "examples" | "codes";
  /** How many rows where --count does not say; null: all there are. */
  readonly count: number | null;
  readonly out: string;
  readonly example: string;
}

export const modelCommands: readonly ModelCommand[] = [
  {
    use: "sample",
    summary: "draw new examples from a trained model",
    rows: "noise",
    count: 64,
    out: "samples.png",
    example: "sample last --count 64 --seed 7 --out samples.png",
  },
  {
    use: "reconstruct",
    summary: "put examples beside their reconstructions",
    rows: "examples",
    count: 32,
    out: "pairs.png",
    example: "reconstruct last --data mnist --out pairs.png",
  },
  {
    use: "encode",
    summary: "write the codes of examples as a NumPy array",
    rows: "examples",
    count: null,
    out: "codes.npy",
    example: "encode last --data mnist --split all --out codes.npy",
  },
  {
    use: "decode",
    summary: "draw the examples that codes stand for",
    rows: "codes",
    count: null,
    out: "decoded.png",
    example: "decode last codes.npy --out decoded.npy",
  },
  {
    use: "classify",
    summary: "write the probability of each class for examples as a NumPy array",
    rows: "examples",
    count: null,
    out: "classes.npy",
    example: "classify last --data mnist --out classes.npy",
  },
];

interface UseOptions extends ModelOptions {
  readonly count?: string;
  readonly seed: string;
  readonly label?: string;
  readonly out: string;
}

/** Runs the command: `reparam sample RUN`, `reparam decode RUN codes.npy` and the like. */
export async function runModelCommand(
  command: ModelCommand,
  [run, codes]: readonly [string, string?],
  options: UseOptions,
  services: Services,
): Promise<number> {
  const { use } = command;
  const extension = extensionOf(options.out, [".npy", ".png"]);
  const wanted = options.count === undefined ? command.count : wholeNumber("--count", options.count, 1, 10_000_000);
  const seed = wholeNumber("--seed", options.seed, 0, 0xffff_ffff);
  await proveWritable(dirname(options.out));
  const saved = await loadModel(run, options.best);
  const { to } = useNamed(saved.model, use);
  const picture = extension === ".png";
  if (picture) checkDrawable(saved, use);
  const config = configWith(saved.config, options);
  const rows = await rowsFor(command, saved, { ...options, config, wanted, codes }, services);
  const { count, inputs } = rows;
  const request = { use, config, count, seed };
  const noisy = await withHost(config, services, async (host) => {
    // A denoiser's pictures show what it is for: the spoilt example, and what becomes of it.
    const spoilt =
      picture && use === "reconstruct" && saved.model.uses.corrupt
        ? await askUse(host, saved, { ...request, use: "corrupt" }, inputs)
        : undefined;
    const result = await askUse(host, saved, request, spoilt ? { ...inputs, x: spoilt } : inputs);
    return { spoilt, result };
  });
  const { spoilt, result } = noisy;
  if (!picture) {
    await writeWhole(options.out, encodeNpy({ shape: [count, ...to.shape], data: result }));
  } else if (use === "reconstruct") {
    const originals = valuesOf(inputs.x, saved.fields.x);
    await writeWhole(options.out, drawPairs(spoilt ? [originals, spoilt, result] : [originals, result], to));
  } else {
    const columns =
      saved.model.uses[use].from.label && command.rows === "noise" ? saved.fields.label.classes : undefined;
    await writeWhole(options.out, drawExamples(result, to, columns === undefined ? {} : { columns }));
  }
  const size = to.shape.length > 0 ? `, ${to.shape.join("x")} each` : "";
  services.terminal.stdout.write(`${options.out}: ${use} of ${rows.what}, ${count} rows${size}\n`);
  return 0;
}

function checkDrawable({ model, path }: SavedModel, use: string): void {
  const { kind, shape } = model.uses[use].to;
  const channels = shape[2];
  if (kind === "series" || (kind === "image" && [1, 3, 4].includes(channels))) return;
  const what = `${kind === "image" ? "images" : `a ${kind}`} of ${shape.join("x")}`;
  throw new ReparamError("usage", `${path}: ${use} gives ${what}, which cannot be drawn; name a .npy file with --out.`);
}

interface RowOptions extends UseOptions {
  readonly config: SavedModel["config"];
  readonly wanted: number | null;
  readonly codes?: string;
}

/** How many rows, and what the use takes of them. */
async function rowsFor(
  { use, rows }: ModelCommand,
  saved: SavedModel,
  { label, split, config, wanted, codes }: RowOptions,
  services: Services,
): Promise<{ count: number; what: string; inputs: Record<string, FieldValues> }> {
  const { from } = useNamed(saved.model, use);
  const takesLabel = from.label !== undefined;
  if (label !== undefined && !takesLabel) {
    throw new ReparamError(
      "usage",
      `--label goes with models that take a class, and ${saved.path} takes none to ${use}.`,
    );
  }
  if (rows === "examples") {
    const { name, examples } = await loadExamples(saved, config.data, { split, count: wanted }, services);
    return { count: examples.count, what: name, inputs: inputsOf(examples, Object.keys(from)) };
  }
  const given = rows === "codes" ? await codesIn(codes!, fieldSize(from.code)) : undefined;
  const count = given ? Math.min(given.count, wanted ?? given.count) : wanted!;
  const code = given && { code: given.codes.subarray(0, count * fieldSize(from.code)) };
  const labels = takesLabel && { label: labelsFor(saved, label, count) };
  return { count, what: codes ?? saved.path, inputs: { ...code, ...labels } };
}

const inputsOf = ({ values }: Split, names: readonly string[]): Record<string, FieldValues> =>
  Object.fromEntries(names.map((name) => [name, values[name]]));

/** The class that --label names for all rows, or each class in turn. */
function labelsFor({ fields }: SavedModel, label: string | undefined, count: number): FieldValues {
  const { classes = 1, names, store } = fields.label;
  const named = label === undefined ? -1 : (names?.indexOf(label) ?? -1);
  const chosen = label === undefined ? undefined : named >= 0 ? named : wholeNumber("--label", label, 0, classes - 1);
  const values = store === "u8" ? new Uint8Array(count) : new Uint16Array(count);
  return values.map((_, row) => chosen ?? row % classes);
}

async function codesIn(path: string, width: number): Promise<{ count: number; codes: Float32Array }> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new ReparamError("data", `${path} cannot be read: ${error.message}.`, { cause: error });
  });
  const { shape, data } = decodeNpy(bytes, path);
  if (shape.length !== 2 || shape[1] !== width || data instanceof BigInt64Array) {
    throw new ReparamError(
      "data",
      `${path} holds an array of shape (${shape.join(", ")}), and codes are (rows, ${width}) floats.`,
    );
  }
  return { count: shape[0], codes: Float32Array.from(data) };
}

export function addModelCommands(program: Command, execute: Execute): void {
  for (const command of modelCommands) {
    const added = program
      .command(command.use)
      .description(command.summary)
      .argument("<run>", "run folder, .safetensors file, or `last`");
    if (command.rows === "codes") added.argument("<codes.npy>", "codes, float32 [rows, latent]");
    for (const option of optionsOf(command)) added.addOption(option);
    added.addHelpText("after", `\nExample:\n  reparam ${command.example}`).action((...given: readonly unknown[]) => {
      exitOnInterruption();
      const names = given.filter((value) => typeof value === "string") as [string, string?];
      const options = given.find((value) => typeof value === "object") as UseOptions;
      return execute((services) => runModelCommand(command, names, options, services));
    });
  }
}

function optionsOf({ rows, count, out }: ModelCommand): Option[] {
  const data = [
    new Option("--data <name>", "digits, mnist, fashion-mnist, or a path (default: what it was trained on)"),
    new Option("--data-dir <folder>", "where the data's files lie (also REPARAM_DATA)"),
    new Option("--split <split>", `which examples: ${splits.join(", ")}`).default("test"),
  ];
  return [
    ...(rows === "examples" ? data : []),
    new Option("--count <n>", `how many rows (default: ${count ?? "all"})`),
    new Option("--seed <n>", "seed of the noise: the same seed gives the same numbers").default("0"),
    ...(rows === "examples"
      ? []
      : [new Option("--label <class>", "the class of all rows, of a model that takes one (default: each in turn)")]),
    new Option("--best", "the best checkpoint instead of the newest"),
    new Option("--out <file>", "what to write: .npy, or .png of what can be drawn").default(out),
    new Option("--host <host>", "where the GPU is: chromium or dawn (default: as trained)"),
  ];
}
