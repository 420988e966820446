import { buildModel } from "../config/config.ts";
import { requestDevice, withTuned } from "../gpu/device.ts";
import type { RunJob } from "../host/job.ts";
import { printPlan } from "../plan/plan.ts";
import { largestBinding } from "../train/data.ts";
import { plansOf } from "../train/stage-plan.ts";
import type { PlanEvent, PlanJob } from "./messages.ts";
import { send } from "./send.ts";

/** The job `plan`: what each stage's step would launch. It needs a device's profile only: nothing is uploaded or compiled. */
export const plan: RunJob = async ({ body }, context) => {
  const { config, fields, count, tuned } = body as unknown as PlanJob;
  const device = withTuned(await requestDevice({ gpu: context.gpu, settle: context.settle }), tuned);
  try {
    const model = buildModel(config.model, { fields, count });
    const plans = plansOf(
      model,
      { fields, count, shardBytes: largestBinding(device) },
      device.profile,
      config.training,
    );
    const stages = plans.map(({ name, plan }) => ({ name, plan: printPlan(plan) }));
    await send(context, { event: "plan", stages } as PlanEvent);
  } finally {
    device.dispose();
  }
};
