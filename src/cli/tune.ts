import { checkShapes, families } from "../bench/catalog.ts";
import { presets } from "../config/presets.ts";
import { ReparamError } from "../errors.ts";
import type { Message } from "../host/job.ts";
import { nearest } from "../nearest.ts";
import type { TuneEvent, TuneJob, TuneReport } from "../tune/messages.ts";
import { choicesByClass } from "../tune/tune-model.ts";
import { type BenchOptions, hostOf, placeOf } from "./bench-options.ts";
import { progressOn } from "./bench-progress.ts";
import type { Services } from "./services.ts";
import { tuneTable } from "./tune-table.ts";
import { saveTuned } from "./tuned-file.ts";
import { wholeNumber } from "./use-flags.ts";

/**
 * `reparam bench --tune`: measures how the products of presets or kernels are computed best, and keeps it for this
 * adapter. Ends with 1 where a candidate computed wrong numbers or did not build.
 */
export async function tune(names: readonly string[], options: BenchOptions, services: Services): Promise<number> {
  const { openHost, terminal } = services;
  const kind = hostOf(options);
  const job = tuneJob(names, options);
  const say = (line: string) => terminal.stderr.write(`${line}\n`);
  const host = await openHost(kind, say);
  const progress = progressOn(terminal);
  let report: TuneReport | undefined;
  try {
    await host.run({ body: job as unknown as Message["body"] }, ({ body }) => {
      const event = body as unknown as TuneEvent;
      if (event.event === "start") progress.say(`tuning on ${event.adapterName}`);
      if (event.event === "progress") progress.show(event.line);
      if (event.event === "end") report = event.report;
    });
  } finally {
    progress.clear();
    await host.close();
  }
  if (!report) throw new ReparamError("device", "The tuning ended without a report: the browser may have died.");
  const full = { event: "tune", host: { kind, version: host.version }, ...report };
  terminal.stdout.write(`${options.json ? JSON.stringify(full) : tuneTable(report, placeOf(host))}\n`);
  const path = await saveTuned(host, report.adapter, choicesByClass(report.products), say);
  say(`Kept in ${path}: reparam train uses it from now on.`);
  return report.products.every(({ candidates }) => candidates.every(({ problem }) => !problem)) ? 0 : 1;
}

/** Throws ReparamError "usage", so that a mistake is told before a browser starts. */
function tuneJob(names: readonly string[], options: BenchOptions): TuneJob {
  const { shape, rounds = "15", timeout = "30", exhaustive = false } = options;
  const flags = ["variants", "large", "endToEnd", "baseline", "out", "wgsl"] as const;
  const other = flags.find((flag) => options[flag] !== undefined);
  if (other) {
    const flag = other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new ReparamError("usage", `--tune does not go with --${flag}.`);
  }
  const kernels = Object.keys(families).filter((name) => families[name].graphs);
  const known = [...Object.keys(presets), ...kernels];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ReparamError(
      "usage",
      `--tune takes presets and kernels, not ${unknown}; did you mean ${nearest(unknown, known)}? There are ${known.join(", ")}.`,
    );
  }
  const asked = names.length > 0 ? [...new Set(names)] : Object.keys(presets);
  if (shape) {
    if (!asked.every((name) => kernels.includes(name)))
      throw new ReparamError(
        "usage",
        "--shape needs the name of a kernel: `reparam bench --tune matmul --shape 64x64x64`.",
      );
    checkShapes(asked, shape);
  }
  return {
    kind: "tune",
    presets: asked.filter((name) => Object.hasOwn(presets, name)),
    kernels: asked.filter((name) => kernels.includes(name)),
    shapes: shape ? [...shape] : null,
    rounds: wholeNumber("--rounds", rounds, 3, 1000),
    exhaustive,
    timeoutSeconds: wholeNumber("--timeout", timeout, 1, 3600),
  };
}
