import { dirname } from "node:path";
import type { Command } from "commander";
import { encodeNpy } from "../formats/npy.ts";
import type { CodesEvent } from "../train/messages.ts";
import { proveWritable, writeWhole } from "./files.ts";
import { floats } from "./floats.ts";
import { loadModel } from "./saved-model.ts";
import type { Execute, Services } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";
import { ask, checkOut, configWith, loadExamples, type ModelOptions } from "./use-model.ts";

interface EncodeOptions extends ModelOptions {
  readonly out: string;
}

/** `reparam encode`: the latent means of all test examples as a NumPy array. */
export async function encode(run: string, options: EncodeOptions, services: Services): Promise<number> {
  checkOut(options.out, ".npy");
  await proveWritable(dirname(options.out));
  const model = await loadModel(run);
  const config = configWith(model.config, options);
  const { name, test } = await loadExamples(model, config.data, null, services);
  const body = { kind: "encode", config, dataset: { name, shape: model.shape, count: test.count } } as const;
  const answer = await ask(body, { examples: test.examples, checkpoint: model.bytes }, services);
  const { latent } = answer.body as CodesEvent;
  await writeWhole(options.out, encodeNpy({ shape: [test.count, latent], data: floats(answer.blobs?.codes, "codes") }));
  services.terminal.stdout.write(`${options.out}: latent means of ${test.count} examples of ${name}, ${latent} each\n`);
  return 0;
}

export function addEncode(program: Command, execute: Execute): void {
  program
    .command("encode")
    .description("write the latent means of the test examples as a NumPy array")
    .argument("<run>", "run folder, .safetensors file, or `last`")
    .option("--data <name>", "digits, mnist, fashion-mnist, or a path (default: what it was trained on)")
    .option("--data-dir <folder>", "where the data's files lie (also REPARAM_DATA)")
    .option("--out <file>", "array to write, float32 [examples, latent]", "codes.npy")
    .option("--host <host>", "where the GPU is: chromium or dawn (default: as trained)")
    .addHelpText("after", "\nExample:\n  reparam encode last --data mnist --out codes.npy")
    .action((run: string, options: EncodeOptions) => {
      exitOnInterruption();
      return execute((services) => encode(run, options, services));
    });
}
