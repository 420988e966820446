import { dirname } from "node:path";
import type { Command } from "commander";
import { proveWritable, writeWhole } from "./files.ts";
import { floats } from "./floats.ts";
import { gridPicture, requireImageShape } from "./pictures.ts";
import { loadModel } from "./saved-model.ts";
import type { Execute, Services } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";
import { ask, checkOut, configWith, type ModelOptions, wholeNumber } from "./use-model.ts";

interface SampleOptions extends ModelOptions {
  readonly count: string;
  readonly seed: string;
  readonly out: string;
}

/** `reparam sample`: decodes codes drawn from the prior into a grid of images. */
export async function sample(run: string, options: SampleOptions, services: Services): Promise<number> {
  const count = wholeNumber("--count", options.count, 1, 10_000);
  const seed = wholeNumber("--seed", options.seed, 0, 0xffff_ffff);
  checkOut(options.out, ".png");
  await proveWritable(dirname(options.out));
  const model = await loadModel(run);
  const { shape } = model;
  const image = requireImageShape(shape, model.path);
  const body = { kind: "sample", config: configWith(model.config, options), shape, count, seed } as const;
  const { blobs } = await ask(body, { checkpoint: model.bytes }, services);
  await writeWhole(options.out, gridPicture(floats(blobs?.samples, "samples"), image));
  services.terminal.stdout.write(`${options.out}: ${count} samples of ${model.path}\n`);
  return 0;
}

export function addSample(program: Command, execute: Execute): void {
  program
    .command("sample")
    .description("draw new examples from a trained model")
    .argument("<run>", "run folder, .safetensors file, or `last`")
    .option("--count <n>", "how many", "64")
    .option("--seed <n>", "seed of the codes: the same seed gives the same picture", "0")
    .option("--out <file>", "PNG to write", "samples.png")
    .option("--host <host>", "where the GPU is: chromium or dawn (default: as trained)")
    .addHelpText("after", "\nExample:\n  reparam sample last --count 64 --seed 7 --out samples.png")
    .action((run: string, options: SampleOptions) => {
      exitOnInterruption();
      return execute((services) => sample(run, options, services));
    });
}
