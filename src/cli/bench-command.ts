import { type Command, Option } from "commander";
import { families } from "../bench/catalog.ts";
import type { BenchOptions } from "./bench-options.ts";
import type { Execute } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";

const familyLines = Object.entries(families).map(([name, { summary }]) => `  ${name.padEnd(16)}${summary}`);

const afterHelp = `
Kernels:
${familyLines.join("\n")}

Every kernel is compared with a float64 reference first; only what is right is timed. The
roofline column is the time that this adapter's ceilings allow, measured in the same run,
as a per cent of the time taken. docs/benchmarks.md says how to read it.

Your own kernel:
  reparam bench --wgsl scale.wgsl --workgroups 16384,1,1 --override FACTOR=2 \\
    --buffer x=f32[1024,1024]:random --buffer y=f32[1024,1024]
  A buffer is name=type[extents]:fill; types f32, f16, i32, u32; fills zeros, random, iota, 1,2,3.

Examples:
  reparam bench                                  every kernel at its standard shapes
  reparam bench matmul --variants                a kernel's whole ladder
  reparam bench matmul --shape "784x128x400 TN"  one shape
  reparam bench --end-to-end                     training steps of the presets
  reparam bench --end-to-end vae conv-vae        of these two
  reparam bench --plan conv-vae                  where the time of a step goes
  reparam bench --predict flops=12T,bytes=400G,launch=6us
                                                 what steps of the presets would take on such a GPU
  reparam bench --tune vae                       tune a preset; training uses it from then on
  reparam bench --json > before.json             and later: --baseline before.json

Exit codes: 0 done; 1 a kernel is wrong or failed; 2 usage; 3 no browser or no WebGPU.`;

export function defineBench(command: Command, execute: Execute): void {
  const collect = (value: string, all: string[] | undefined) => [...(all ?? []), value];
  const repeatable = (flags: string, description: string) => new Option(flags, description).argParser(collect);
  command
    .argument(
      "[kernels...]",
      "kernels by name; all of them by default. With --end-to-end and --tune also presets; all of these by default",
    )
    .addOption(repeatable("--shape <shape>", "a shape instead of the standard ones, such as 128x784x400; repeatable"))
    .option("--variants", "every variant of a kernel, the slower ones too")
    .option("--large", "large standard shapes too (matmul 1024x1024x1024)")
    .option("--end-to-end", "time training steps of the presets")
    .option("--plan <preset>", "time every launch of a preset's training step, and sum them up")
    .option("--predict <figures>", "reckon training steps on a GPU that is not here: flops=12T,bytes=400G,launch=6us")
    .option("--tune", "find the quickest way to compute the products of presets or kernels here, and keep it")
    .option("--exhaustive", "with --tune: every candidate through every round")
    .option("--host <host>", "where the GPU is: chromium (headless) or dawn (in Node)", "chromium")
    .option("--rounds <n>", "samples a kernel (default: 15)")
    .option("--timeout <seconds>", "give up a launch that takes longer (default: 30)")
    .option("--json", "print the report as one line of JSON on stdout, everything else on stderr")
    .option("--baseline <file>", "an earlier --json report of this adapter to compare with")
    .option("--out <folder>", "write index.html with the roofline plot, and bench.json, there")
    .option("--wgsl <file>", "benchmark a kernel of your own")
    .option("--entry <name>", "its entry point (default: main)")
    .option("--workgroups <x,y,z>", "how many workgroups to launch")
    .addOption(repeatable("--buffer <buffer>", "name=type[extents]:fill, one for each binding"))
    .addOption(repeatable("--override <name=value>", "value of an override constant; repeatable"))
    .option("--flops <n>", "operations a launch, for GFLOP/s")
    .option("--bytes <n>", "bytes a launch moves (default: those of all buffers)")
    .addHelpText("after", afterHelp)
    .action((names: string[], options: BenchOptions) => {
      exitOnInterruption();
      return execute(async (services) => {
        const run = await runnerOf(options);
        return run(names, options, services);
      });
    });
}

/** What the flags ask for. Only that is loaded. */
async function runnerOf({ predict, tune }: BenchOptions) {
  if (predict !== undefined) return (await import("./predict.ts")).predict;
  if (tune) return (await import("./tune.ts")).tune;
  return (await import("./bench.ts")).bench;
}
