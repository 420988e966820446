import { presetConfig } from "../config/config.ts";
import { type Encode, record } from "../gpu/commands.ts";
import type { Device } from "../gpu/device.ts";
import { isProduct } from "../plan/plan.ts";
import type { Program } from "../runtime/program.ts";
import type { Trainer } from "../train/trainer.ts";
import type { BenchCase } from "./case.ts";
import { presetTrainer } from "./preset-trainer.ts";
import { type BenchReport, type KernelResult, keyOf, type PlanSummary, type Work } from "./report.ts";
import { type BenchmarkOptions, runCases } from "./run.ts";

/**
 * Times every launch of a preset's training step alone, and whole steps beside them in the same rounds: the launches
 * come in their order, then the step. The parameters stand still meanwhile (a learning rate of 0), and the loss and all
 * gradients must be finite in the end.
 */
export async function timePlan(device: Device, preset: string, options: BenchmarkOptions): Promise<BenchReport> {
  const { batchSize } = presetConfig(preset).training;
  const step = { name: preset, batchSize, notes: ["On images of 28x28."] };
  return timeStep(device, await presetTrainer(device, preset, 0), step, options);
}

/** What a training step is called in its report. */
export interface NamedStep {
  readonly name: string;
  readonly batchSize: number;
  readonly notes?: readonly string[];
}

/** As `timePlan`, of the stage that a trainer is in; the trainer is freed in the end. */
export async function timeStep(
  device: Device,
  trainer: Trainer,
  named: NamedStep,
  options: BenchmarkOptions,
): Promise<BenchReport> {
  let hung = false;
  try {
    const { program } = trainer.stage();
    const report = await runCases(device, [...launchCases(program), stepCase(program, named)], options);
    hung = report.hung;
    const finite = hung || (await outputsAreFinite(program));
    const launches = report.kernels.slice(0, -1);
    const seconds = launches.reduce((sum, { time }) => sum + (time?.median ?? 0), 0);
    const kernels = launches.map((launch) => ({ ...launch, share: launch.time && launch.time.median / seconds }));
    const [step] = report.kernels.slice(-1);
    const judged = finite
      ? step
      : { ...step, status: "wrong" as const, problem: "Its loss or gradients are not finite." };
    return { ...report, kernels: [...kernels, judged], plan: summarise(named.name, kernels) };
  } finally {
    // Freeing what a hung GPU still uses could wait for it for ever.
    if (!hung) trainer.dispose();
  }
}

function launchCases(program: Program): BenchCase[] {
  const used = new Map<string, number>();
  return program.plan.dispatches.map((dispatch, index) => {
    const named = { kernel: dispatch.kernel, variant: dispatch.label, shape: dispatch.shape };
    const before = used.get(keyOf(named)) ?? 0;
    used.set(keyOf(named), before + 1);
    const variant = before === 0 ? named.variant : `${named.variant} #${before + 1}`;
    return repeated({ ...named, variant }, [dispatch], (commands) => program.encodeLaunch(commands, index));
  });
}

const stepCase = (program: Program, { name, batchSize, notes }: NamedStep): BenchCase =>
  repeated(
    { kernel: "training step", variant: name, shape: `batch ${batchSize}` },
    program.plan.dispatches,
    program.encode,
    notes,
  );

/** A case whose numbers the tests check and not the benchmark. */
const repeated = (
  named: Omit<BenchCase, "prepare">,
  parts: readonly Work[],
  encode: Encode,
  notes: readonly string[] = [],
): BenchCase => ({
  ...named,
  prepare: async ({ patience }) => {
    // In the order of the plan, so that each launch finds what those before it left. Some adapters compile now.
    await patience.run((encoder) => record(encoder, encode));
    return { parts, verdict: { maxRelativeError: null, notes }, encode, dispose: () => {} };
  },
});

async function outputsAreFinite(program: Program): Promise<boolean> {
  for (const name of Object.keys(program.plan.outputs)) {
    if (!(await program.read(name)).every(Number.isFinite)) return false;
  }
  return true;
}

function summarise(preset: string, launches: readonly KernelResult[]): PlanSummary {
  const family = (name: "products" | "rest", members: readonly KernelResult[]) => ({
    name,
    launches: members.length,
    seconds: members.reduce((sum, { time }) => sum + (time?.median ?? 0), 0),
    share: members.reduce((sum, { share }) => sum + (share ?? 0), 0),
  });
  return {
    preset,
    families: [
      family("products", launches.filter(isProduct)),
      family(
        "rest",
        launches.filter((launch) => !isProduct(launch)),
      ),
    ],
  };
}
