import { dirname } from "node:path";
import { ReparamError } from "../errors.ts";
import { encodeNpy } from "../formats/npy.ts";
import { pictureOf } from "../report/picture.ts";
import { checkDrawable, checkDrawn, checkUse, describeRows } from "./check-use.ts";
import { areTokens } from "./code-files.ts";
import { columnNames, csvOf } from "./csv.ts";
import { proveWritable, writeWhole } from "./files.ts";
import { columnsOf, runModelCommand, type UseOptions } from "./run-model-command.ts";
import { samplers } from "./samplers/index.ts";
import type { Sampler, SamplerFlags } from "./samplers/sampler.ts";
import { loadModel } from "./saved-model.ts";
import type { Services } from "./services.ts";
import { extensionOf, oneWord, wholeNumber } from "./use-flags.ts";
import { askUse, configWith, withHost } from "./use-model.ts";
import { checkLabel, labelsFor } from "./use-rows.ts";
import type { ModelCommand } from "./use-table.ts";

export interface SampleOptions extends UseOptions, SamplerFlags {
  readonly from?: string;
}

/** The model's own noise, through its use `sample`. */
const own: Readonly<Record<string, readonly (keyof SamplerFlags)[]>> = {
  prior: ["count", "label"],
  class: ["count", "label"],
};

const sampleSources: readonly string[] = [...Object.keys(own), ...Object.keys(samplers)];

/** `reparam sample RUN --from SOURCE` */
export async function runSample(
  command: ModelCommand,
  names: readonly [string, string?],
  options: SampleOptions,
  services: Services,
): Promise<number> {
  const from = oneWord("--from", options.from ?? "prior", sampleSources);
  refuseOthers(from, options);
  if (Object.hasOwn(samplers, from)) {
    return sampleFrom(samplers[from], from, names[0], { ...options, out: options.out ?? command.out }, services);
  }
  if (from === "class" && options.label === undefined) {
    throw new ReparamError("usage", "--from class draws one class: say which with --label.");
  }
  return runModelCommand(command, names, options, services);
}

/** Throws ReparamError "usage" for a flag that goes with other sources of codes. */
function refuseOthers(from: string, options: SampleOptions): void {
  const allowed = own[from] ?? samplers[from].flags;
  const known = new Set([...Object.values(own).flat(), ...Object.values(samplers).flatMap(({ flags }) => flags)]);
  const stranger = [...known].find((flag) => options[flag] !== undefined && !allowed.includes(flag));
  if (stranger === undefined) return;
  const sentence = `${flagText(stranger)} does not go with --from ${from}, which takes ${allowed.map(flagText).join(", ")}.`;
  throw new ReparamError("usage", sentence);
}

const flagText = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Draws what the codes of a sampler stand for. */
async function sampleFrom(
  { uses, prepare }: Sampler,
  from: string,
  run: string,
  options: SampleOptions & { readonly out: string },
  services: Services,
): Promise<number> {
  const { out, label } = options;
  const extension = extensionOf("--out", out, [".npy", ".csv", ".png"]);
  const picture = extension === ".png";
  const seed = wholeNumber("--seed", options.seed, 0, 0xffff_ffff);
  await proveWritable(dirname(out));
  const saved = await loadModel(run, options, services);
  for (const use of ["decode", ...uses(options)]) checkUse(saved, use, `--from ${from}`);
  if (areTokens(saved.model.uses.decode.from.code)) {
    throw new ReparamError("usage", `The codes of ${saved.path} are tokens, and --from ${from} needs numbers.`);
  }
  checkLabel(saved, "decode", label);
  if (picture) checkDrawable(saved, "decode");
  const config = configWith(saved.config, options);
  const { what, count, labels, grid, codes } = await prepare({
    saved,
    data: config.data,
    flags: options,
    seed,
    services,
  });
  if (picture) checkDrawn(count, grid ? "--steps" : "--count");
  const { fields, model } = saved;
  const { from: takes, to } = model.uses.decode;
  const chosen = label === undefined ? labels : undefined;
  const classes = takes.label && { label: chosen ?? labelsFor(fields.label, label, count) };
  const values = await withHost(config, services, async (host) => {
    const code = await codes((use, rows) => askUse(host, saved, { use, config, seed }, rows));
    const decode = { use: "decode", config, seed };
    return askUse(host, saved, decode, { count, fields, inputs: { code, ...classes } });
  });
  const columns = label === undefined && !labels ? columnsOf(saved, "decode") : undefined;
  const files = {
    ".npy": () => encodeNpy({ shape: [count, ...to.shape], data: values }),
    ".csv": () => csvOf(columnNames("sample", to), values),
    ".png": () =>
      pictureOf(values, to, { title: `${count} samples from ${what}`, ...(grid ?? (columns && { columns })) }),
  };
  await writeWhole(out, files[extension]());
  services.terminal.stdout.write(`${describeRows(out, `sample from ${what}`, count, to)}\n`);
  return 0;
}
