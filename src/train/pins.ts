import { ReparamError } from "../errors.ts";
import { type AdapterDescription, type Device, withChoices } from "../gpu/device.ts";
import { parseChoice } from "../kernels/choice.ts";
import type { OpenCheckpoint } from "./read-checkpoint.ts";

/**
 * How a run's products were computed, by their names, as its checkpoints keep it under `kernels`: another choice adds up
 * in another order. On another kind of adapter its choices would be slow and its bits would differ all the same.
 */
export interface Pins {
  /** Vendor and architecture: all that a browser tells of some adapters. */
  readonly adapter: string;
  readonly choices: Readonly<Record<string, string>>;
}

const kindOf = ({ vendor, architecture }: AdapterDescription): string => `${vendor} ${architecture}`;

/** The metadata that pins a run's choices in its checkpoints. */
export const pinsMetadata = ({ adapter }: Device, choices: Pins["choices"]): { kernels: string } => ({
  kernels: JSON.stringify({ adapter: kindOf(adapter), choices } satisfies Pins),
});

/** What a checkpoint pins; undefined where it pins nothing. Throws ReparamError "checkpoint" where it cannot be read. */
export function pinsOf({ metadata: { kernels }, fileName }: OpenCheckpoint): Pins | undefined {
  if (kernels === undefined) return undefined;
  try {
    const { adapter, choices } = JSON.parse(kernels) as Pins;
    for (const text of Object.values(choices)) parseChoice(text);
    return { adapter, choices };
  } catch (cause) {
    throw new ReparamError(
      "checkpoint",
      `${fileName} names kernels that this version does not know ("kernels" in its metadata): ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** What a run that goes on has been computed with so far: nothing on another kind of adapter. */
export const choicesSoFar = (device: Device, pins: Pins | undefined): Pins["choices"] =>
  pins?.adapter === kindOf(device.adapter) ? pins.choices : {};

/** The device that a run goes on with: what its checkpoint pins goes before every other choice. */
export function pinned(device: Device, pins: Pins | undefined): Device {
  if (pins?.adapter !== kindOf(device.adapter)) return device;
  return withChoices(device, [{ source: "pinned", entries: pins.choices }, ...(device.profile.choices ?? [])]);
}
