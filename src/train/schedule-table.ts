import { upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import type { Change } from "./progress.ts";
import { type StageSchedules, withChanges } from "./stage-schedules.ts";

/** The numbers of a stage's schedules at each of its steps, on the GPU, where the last row holds for all later steps. */
export interface ScheduleTable {
  /** Those of the state that a step of the run finds. */
  at(step: number): Float32Array;
  /** What people are shown at a step of the run, by name. */
  shownAt(step: number): Record<string, number>;
  /** What evaluation sees. */
  final(): readonly number[];
  /** From a step of the run on, some of them are these numbers. */
  change(step: number, values: Change["values"]): void;
}

/** `rows`: [steps, schedules], of a stage that begins at the step `start` of the run; they are written into `buffer`. */
export function scheduleTableOn(
  device: Device,
  buffer: GPUBuffer,
  rows: Float32Array,
  { schedules, start }: { readonly schedules: StageSchedules; readonly start: number },
): ScheduleTable {
  const width = schedules.names.length;
  const last = rows.length / width - 1;
  let current = schedules;
  upload(device, buffer, rows);
  return {
    at: (step) => {
      const at = Math.min(Math.max(step - start, 0), last) * width;
      return rows.subarray(at, at + width);
    },
    shownAt: (step) => {
      const at = Math.max(step - start, 0);
      const shown = Object.entries(current.shown);
      return Object.fromEntries(shown.map(([name, [place]]) => [name, current.schedules[place](at)]));
    },
    final: () => current.final,
    change: (step, values) => {
      current = withChanges(current, [{ step, values }], start);
      // The rows of earlier steps are never read again.
      for (let at = Math.min(step - start, last); at <= last; at++) {
        for (const [name, value] of Object.entries(values)) {
          for (const place of schedules.shown[name]) rows[at * width + place] = value;
        }
      }
      upload(device, buffer, rows);
    },
  };
}
