import * as families from "../models/families.ts";
import type { FamilyStatement, Preset } from "../models/family.ts";
import { inReadingOrder } from "../models/reading-order.ts";

/** A preset and the family that states it. */
export interface KnownPreset extends Preset {
  readonly statement: FamilyStatement;
}

/** Every family's statement by its name, in the order in which one reads about them. */
export const statements: Readonly<Record<string, FamilyStatement>> = Object.fromEntries(
  inReadingOrder(Object.values(families).map(({ statement }) => statement as unknown as FamilyStatement)).flatMap(
    ({ members }) => members.map((statement) => [statement.name, statement]),
  ),
);

/** Every family's presets by name, in the order of the families. */
export const presets: Readonly<Record<string, KnownPreset>> = Object.fromEntries(
  Object.values(statements).flatMap((statement) =>
    Object.entries(statement.presets).map(([name, preset]) => [name, { ...preset, statement }]),
  ),
);

/**
 * Epochs where nobody asked for a number. The built-in digits are the first thing that a newcomer trains, mostly
 * without a GPU, and are learned well after half as many as other data take.
 */
export const defaultEpochs = (epochs: number, dataName: string): number =>
  dataName === "digits" ? Math.ceil(epochs / 2) : epochs;
