import type { ScheduleDescription } from "../nn/schedules.ts";
import type { Node } from "../node/node.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { schedule } from "../ops/leaf.ts";
import type { AutoencoderParts, Terms } from "./model.ts";

/** A term beside the error of a reconstruction, made of what the model has seen. */
export interface ExtraTerm<Seen> {
  /** Its part in the loss, as the schedule `NAMEWeight`; it is only measured unless given. */
  readonly weight?: ScheduleDescription;
  /** What it is measured in; "" for plain numbers. */
  readonly unit: string;
  /** [rows], one number an example, or [], one of the batch. */
  of(seen: Seen): Node;
}

/** Terms by name. */
export type ExtraTerms<Seen> = Readonly<Record<string, ExtraTerm<Seen>>>;

const weightOf = (name: string) => `${name}Weight`;

/** What a model has to say of its extra terms: their schedules and units. */
export function declared<Seen>(extras: ExtraTerms<Seen>): Required<Pick<AutoencoderParts, "schedules" | "units">> {
  const weighted = Object.entries(extras).filter(([, { weight }]) => weight !== undefined);
  return {
    schedules: Object.fromEntries(weighted.map(([name, { weight }]) => [weightOf(name), weight!])),
    units: Object.fromEntries(Object.entries(extras).map(([name, { unit }]) => [name, unit])),
  };
}

/** Terms and those beside them; the loss is the sum of both, each by its weight. */
export function withExtras<Seen>(terms: Terms & { readonly loss: Node }, extras: ExtraTerms<Seen>, seen: Seen): Terms {
  const others = Object.entries(extras).map(([name, extra]) => [name, extra.of(seen)] as const);
  const loss = others.reduce(
    (sum, [name, term]) => (extras[name].weight === undefined ? sum : add(sum, mul(schedule(weightOf(name)), term))),
    terms.loss,
  );
  return { ...terms, loss, ...Object.fromEntries(others) };
}
