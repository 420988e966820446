import { ReparamError } from "../errors.ts";
import type { SelfTestEvent } from "../selftest/messages.ts";
import { type SelfTestReport, selfTestText } from "../selftest/report.ts";
import { type BenchOptions, hostOf, placeOf } from "./bench-options.ts";
import { progressOn } from "./bench-progress.ts";
import type { Services } from "./services.ts";
import { version } from "./version.ts";

/** `reparam doctor --selftest`: ends with 1 where a kernel is wrong or did not run. */
export async function selfTestHere(
  options: Pick<BenchOptions, "host" | "json">,
  { openHost, terminal }: Services,
): Promise<number> {
  const kind = hostOf(options);
  const host = await openHost(kind, (line) => terminal.stderr.write(`${line}\n`));
  const progress = progressOn(terminal);
  let report: SelfTestReport | undefined;
  try {
    await host.run({ body: { kind: "selftest" } }, ({ body }) => {
      const event = body as unknown as SelfTestEvent;
      if (event.event === "progress") progress.show(event.line);
      if (event.event === "end") report = event.report;
    });
  } finally {
    progress.clear();
    await host.close();
  }
  if (!report) throw new ReparamError("device", "The self-test ended without a report: the browser may have died.");
  const { platform, arch, version: node } = process;
  const facts = { reparam: version, node, platform: `${platform} ${arch}`, host: { kind, version: host.version } };
  const text = `reparam   ${version}, ${placeOf(host)}, Node ${node}, ${platform} ${arch}\n${selfTestText(report)}`;
  terminal.stdout.write(`${options.json ? JSON.stringify({ event: "selftest", ...facts, ...report }) : text}\n`);
  return report.ok ? 0 : 1;
}
