import type { Message } from "../host/job.ts";
import type { PlanEvent, PlanJob } from "../jobs/messages.ts";
import { describedData } from "./data.ts";
import { withFittingBatch } from "./fitting-batch.ts";
import { runJob } from "./host-job.ts";
import type { Services } from "./services.ts";
import type { RunPlan, TrainOptions } from "./train-options.ts";
import { readTuned } from "./tuned-file.ts";

/** `--print-plan`: each stage's step as a table under its name. It needs to know what the data are, and not the data. */
export async function printPlan(
  plan: RunPlan,
  { json = false }: TrainOptions,
  services: Services,
  interrupted: AbortSignal,
): Promise<number> {
  const { openHost, terminal } = services;
  const say = (line: string) => terminal.stderr.write(`${line}\n`);
  const { fields, name, count } = await describedData(plan.config.data, services);
  const config = withFittingBatch(plan, { name, count }, say);
  const host = await openHost(config.host, say);
  try {
    const body: PlanJob = { kind: "plan", config, fields, count, tuned: await readTuned(host, say) };
    const receive = async (message: Message) => {
      const { event, stages } = message.body as unknown as PlanEvent;
      const tables = stages.map((stage) => (stages.length > 1 ? `${stage.name}\n${stage.plan}` : stage.plan));
      terminal.stdout.write(`${json ? JSON.stringify({ event, stages }) : tables.join("\n\n")}\n`);
    };
    await runJob(host, { body: body as unknown as Message["body"] }, receive, interrupted);
    return 0;
  } finally {
    await host.close();
  }
}
