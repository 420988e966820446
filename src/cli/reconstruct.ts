import { dirname } from "node:path";
import type { Command } from "commander";
import { proveWritable, writeWhole } from "./files.ts";
import { floats } from "./floats.ts";
import { pairsPicture, requireImageShape } from "./pictures.ts";
import { loadModel } from "./saved-model.ts";
import type { Execute, Services } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";
import { ask, checkOut, configWith, loadExamples, type ModelOptions, wholeNumber } from "./use-model.ts";

interface ReconstructOptions extends ModelOptions {
  readonly count: string;
  readonly out: string;
}

/** `reparam reconstruct`: test examples beside what the model makes of them. */
export async function reconstruct(run: string, options: ReconstructOptions, services: Services): Promise<number> {
  const wanted = wholeNumber("--count", options.count, 1, 10_000);
  checkOut(options.out, ".png");
  await proveWritable(dirname(options.out));
  const model = await loadModel(run);
  const image = requireImageShape(model.shape, model.path);
  const config = configWith(model.config, options);
  const { name, test } = await loadExamples(model, config.data, wanted, services);
  const { shape } = model;
  const body = { kind: "reconstruct", config, dataset: { name, shape, count: test.count } } as const;
  const { blobs } = await ask(body, { examples: test.examples, checkpoint: model.bytes }, services);
  const originals = Float32Array.from(test.examples, (byte) => byte / 255);
  const reconstructions = floats(blobs?.reconstructions, "reconstructions");
  await writeWhole(options.out, pairsPicture(originals, reconstructions, image));
  services.terminal.stdout.write(`${options.out}: ${test.count} examples of ${name} and their reconstructions\n`);
  return 0;
}

export function addReconstruct(program: Command, execute: Execute): void {
  program
    .command("reconstruct")
    .description("put test examples beside their reconstructions")
    .argument("<run>", "run folder, .safetensors file, or `last`")
    .option("--data <name>", "digits, mnist, fashion-mnist, or a path (default: what it was trained on)")
    .option("--data-dir <folder>", "where the data's files lie (also REPARAM_DATA)")
    .option("--count <n>", "how many", "32")
    .option("--out <file>", "PNG to write", "pairs.png")
    .option("--host <host>", "where the GPU is: chromium or dawn (default: as trained)")
    .addHelpText("after", "\nExample:\n  reparam reconstruct last --data mnist --out pairs.png")
    .action((run: string, options: ReconstructOptions) => {
      exitOnInterruption();
      return execute((services) => reconstruct(run, options, services));
    });
}
