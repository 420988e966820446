import fs from "node:fs/promises";
import { join } from "node:path";
import { checkAdapter, compareReports, parseReport } from "../bench/baseline.ts";
import type { BenchEvent } from "../bench/messages.ts";
import type { BenchReport } from "../bench/report.ts";
import { ReparamError } from "../errors.ts";
import type { Message } from "../host/job.ts";
import { benchHtml } from "../report/bench-html.ts";
import { type BenchOptions, benchJob, hostOf, placeOf } from "./bench-options.ts";
import { progressOn } from "./bench-progress.ts";
import { benchTable } from "./bench-table.ts";
import { ioError, proveWritable, writeJson, writeWhole } from "./files.ts";
import type { Services } from "./services.ts";

/** `reparam bench`, without --tune: checks and times kernels. Ends with 1 where one of them is wrong or failed. */
export async function bench(names: readonly string[], options: BenchOptions, services: Services): Promise<number> {
  const { openHost, terminal } = services;
  const kind = hostOf(options);
  const code = options.wgsl === undefined ? undefined : await readGiven(options.wgsl);
  const job = await benchJob(names, options, code);
  const baseline =
    options.baseline === undefined ? undefined : parseReport(await readGiven(options.baseline), options.baseline);
  if (options.out !== undefined) await makeFolder(options.out);

  const host = await openHost(kind, (line) => terminal.stderr.write(`${line}\n`));
  const progress = progressOn(terminal);
  let report: BenchReport | undefined;
  try {
    await host.run({ body: job as unknown as Message["body"] }, ({ body }) => {
      const event = body as unknown as BenchEvent;
      if (event.event === "start" && baseline) checkAdapter(event.adapterName, baseline);
      if (event.event === "start") progress.say(`benchmark on ${event.adapterName}`);
      if (event.event === "progress") progress.show(event.line);
      if (event.event === "end") report = event.report;
    });
  } finally {
    progress.clear();
    await host.close();
  }
  if (!report) throw new ReparamError("device", "The benchmark ended without a report: the browser may have died.");
  const comparison = baseline && compareReports(report, baseline);
  const full = {
    event: "bench",
    host: { kind, version: host.version },
    ...report,
    ...(comparison && { baseline: comparison }),
  };
  const place = placeOf(host);
  if (options.out !== undefined) {
    await writeJson(join(options.out, "bench.json"), full);
    await writeWhole(join(options.out, "index.html"), benchHtml(report, place, comparison));
  }
  terminal.stdout.write(`${options.json ? JSON.stringify(full) : benchTable(report, place, comparison)}\n`);
  return report.kernels.every(({ status }) => status === "ok") ? 0 : 1;
}

async function readGiven(path: string): Promise<string> {
  try {
    return await fs.readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : message;
    throw new ReparamError("usage", `${path} cannot be read: ${reason}.`, { cause: error });
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await fs.mkdir(path, { recursive: true });
  } catch (error) {
    throw new ReparamError("usage", ioError(error, path).message, { cause: error });
  }
  await proveWritable(path);
}
