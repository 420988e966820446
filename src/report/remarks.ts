import type { Measures } from "../train/measures.ts";
import type { ReportEpoch } from "./epoch.ts";
import { formatNumber } from "./html-text.ts";

export interface Figures {
  readonly epochs: readonly ReportEpoch[];
  /** What the last stage is watched by. */
  readonly monitor?: { readonly term: string; readonly split: "train" | "test" } | null;
  /** What the trained model's codes were found to hold. */
  readonly codes?: Pick<Measures, "posterior" | "units">;
}

/** A number of a code that says less of an example, in nats, says nothing. */
const COLLAPSED = 0.01;

/** A test loss has risen where it lies so much above its lowest, as a share of that, and that was so many epochs ago. */
const [RISEN_BY, RISEN_EPOCHS] = [0.01, 2];

/** What is wrong with a trained model and stands in its figures only for who knows how to read them, in sentences. */
export function remarksOnFigures({ epochs, monitor, codes = {} }: Figures): string[] {
  const { posterior, units } = codes;
  return [
    posterior && collapseText(posterior.kl),
    units && constantText(units),
    codebookText(epochs),
    risenText(epochs, monitor),
  ].filter((text) => text !== undefined);
}

/** Posterior collapse (Bowman et al. 2016, https://arxiv.org/abs/1511.06349): the KL of a number of the code is near 0. */
function collapseText(kl: readonly number[]): string | undefined {
  const collapsed = kl.filter((nats) => nats < COLLAPSED).length;
  if (collapsed === 0) return undefined;
  if (collapsed === kl.length) {
    return (
      `The posterior has collapsed: each of the ${kl.length} numbers of a code holds less than ${COLLAPSED} nats, so codes say nothing ` +
      "of the examples. A smaller model.klWeight, one that warms up (model.klWeight.name=linear), or model.freeBits helps."
    );
  }
  const what = collapsed === 1 ? "1 number holds" : `${collapsed} numbers hold`;
  return (
    `Of the ${kl.length} numbers of a code, ${what} less than ${COLLAPSED} nats and ${collapsed === 1 ? "is" : "are"} not used: ` +
    "a smaller model.latent would do, or a smaller model.klWeight lets more be used."
  );
}

function constantText({ count, constant }: NonNullable<Measures["units"]>): string | undefined {
  if (constant === 0) return undefined;
  const what = constant === 1 ? "1 number is" : `${constant} numbers are`;
  return (
    `Of the ${count} numbers of a code, ${what} the same for every example: a smaller learning rate, another ` +
    "model.activation or a smaller code helps."
  );
}

/** Models with a codebook tell themselves how much of it is chosen hardly ever: the term `deadCodes`. */
function codebookText(epochs: readonly ReportEpoch[]): string | undefined {
  const { deadCodes: dead = 0 } = epochs.at(-1)?.test ?? {};
  if (!(dead >= 1)) return undefined;
  const what = dead < 1.5 ? "1 code is" : `${Math.round(dead)} codes are`;
  return `In the codebook, ${what} hardly ever chosen (dead): a smaller model.codes would do, or model.codebook=restarted revives them.`;
}

function risenText(epochs: readonly ReportEpoch[], monitor: Figures["monitor"]): string | undefined {
  if (monitor?.split !== "test") return undefined;
  const { term } = monitor;
  const own = epochs.filter(({ stage, test }) => stage === epochs.at(-1)?.stage && Number.isFinite(test?.[term]));
  const last = own.at(-1);
  if (!last) return undefined;
  const lowest = own.reduce((best, epoch) => (epoch.test![term] < best.test![term] ? epoch : best));
  const [from, to] = [lowest.test![term], last.test![term]];
  const enough = last.epoch - lowest.epoch >= RISEN_EPOCHS && to - from > RISEN_BY * Math.abs(from);
  if (!enough || !(last.train[term] < lowest.train[term])) return undefined;
  return (
    `The test ${term} rose from ${formatNumber(from)} at epoch ${lowest.epoch} to ${formatNumber(to)} at epoch ${last.epoch}, while that of the ` +
    "training went on falling: the model learns its examples by heart. Fewer epochs, training.earlyStopping, more data or a smaller model helps."
  );
}
