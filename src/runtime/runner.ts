import { ReparamError } from "../errors.ts";
import { record } from "../gpu/commands.ts";
import type { Device } from "../gpu/device.ts";
import { RING_HEADER, RING_ROWS } from "../kernels/update.ts";
import type { Program } from "./program.ts";

/** What one step left in the metrics ring. */
export interface StepRow {
  /** Number of the step, from 0. */
  readonly step: number;
  /** Examples in the batch. */
  readonly valid: number;
  /** Global norm of the gradient before clipping; 0 in evaluation. */
  readonly gradientNorm: number;
  /** The step was not taken: its loss or gradient was not finite. */
  readonly poisoned: boolean;
  /** The metrics in the order of the graph's output. */
  readonly metrics: Float32Array;
}

/** Repeats a program, several steps a submit, and reports what the steps left in the ring. */
export interface Runner {
  /**
   * Runs `steps` more steps, or fewer if `signal` aborts; returns how many were run. `onRow` gets every step in order,
   * some time after it ran. Makes no buffer and no bind group, and uploads nothing.
   */
  run(steps: number, onRow: (row: StepRow) => void, signal?: AbortSignal): Promise<number>;
  /** The step that comes next. */
  position(): number;
  /** Tells the runner that the state was set to a step other than the one it had reached. */
  seek(step: number): void;
  dispose(): void;
}

/**
 * A submit should keep the GPU busy this long where nobody says otherwise: long enough to hide its cost, short enough for a
 * page to stay alive. On SwiftShader a submit costs some 3 ms, and steps of 50 ms were measured to take 5 % less at three a
 * submit than at one.
 */
const SUBMIT_MILLISECONDS = { hardware: 75, software: 200 };
/** More submits in flight were measured to be slower. */
const IN_FLIGHT = 2;
/** The ring is copied to the host at least this often, so that progress can be shown. */
const REPORT_MILLISECONDS = 200;
const MAX_STEPS_PER_SUBMIT = RING_ROWS / 4;

/** How long a submit should keep the GPU busy, asked before each; null: what suits the adapter. */
export type SubmitLength = () => number | null;

export function createRunner(
  device: Device,
  program: Program,
  ring: GPUBuffer,
  metricCount: number,
  submitLength: SubmitLength = () => null,
): Runner {
  const rowWords = RING_HEADER + metricCount;
  // One more than are in flight, so that a buffer is free while others wait or are read.
  const staging = Array.from({ length: IN_FLIGHT + 1 }, () =>
    device.gpu.createBuffer({ size: ring.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST }),
  );
  const usualLength = SUBMIT_MILLISECONDS[device.profile.software ? "software" : "hardware"];
  let nextStaging = 0;
  let stepsDone = 0; // submitted
  let rowsRead = 0; // reported
  let poisoned = false;
  let stepMilliseconds: number | undefined;

  return {
    run,
    position: () => stepsDone,
    seek: (step) => {
      stepsDone = step;
      rowsRead = step;
      poisoned = false;
    },
    dispose: () => {
      for (const buffer of staging) buffer.destroy();
    },
  };

  async function run(steps: number, onRow: (row: StepRow) => void, signal?: AbortSignal): Promise<number> {
    const target = stepsDone + steps;
    const first = stepsDone;
    const pending: { finished: Promise<void>; steps: number; submitted: number }[] = [];
    let lastCopy = performance.now();
    let lastFinish = performance.now();
    try {
      while (stepsDone < target && !signal?.aborted) {
        const count = Math.min(stepsPerSubmit(), target - stepsDone);
        const now = performance.now();
        const unread = stepsDone + count - rowsRead;
        const copy =
          stepsDone + count === target ||
          now - lastCopy > REPORT_MILLISECONDS ||
          unread > RING_ROWS - 2 * MAX_STEPS_PER_SUBMIT;
        if (copy) lastCopy = now;
        const finished = submit(count, copy, onRow);
        finished.catch(() => {}); // it is awaited below, but may fail before
        pending.push({ finished, steps: count, submitted: now });
        if (pending.length >= IN_FLIGHT) await finishOldest();
      }
      while (pending.length > 0) await finishOldest();
      if (rowsRead < stepsDone) await device.settle(submit(0, true, onRow));
    } finally {
      // After an error too: nothing may be in flight, nor fail unheard, once this has ended.
      await Promise.allSettled(pending.map(({ finished }) => finished));
    }
    device.check();
    return stepsDone - first;

    async function finishOldest(): Promise<void> {
      const { finished, steps: count, submitted } = pending.shift()!;
      await device.settle(finished);
      device.check();
      const now = performance.now();
      const each = (now - Math.max(lastFinish, submitted)) / count;
      stepMilliseconds = stepMilliseconds === undefined ? each : 0.7 * stepMilliseconds + 0.3 * each;
      lastFinish = now;
    }
  }

  function stepsPerSubmit(): number {
    if (stepMilliseconds === undefined) return 1;
    const steps = Math.floor((submitLength() ?? usualLength) / Math.max(stepMilliseconds, 0.01));
    return Math.max(1, Math.min(MAX_STEPS_PER_SUBMIT, steps));
  }

  function submit(count: number, copy: boolean, onRow: (row: StepRow) => void): Promise<void> {
    const encoder = device.gpu.createCommandEncoder();
    record(encoder, program.encode, count);
    stepsDone += count;
    if (!copy) {
      device.gpu.queue.submit([encoder.finish()]);
      return device.gpu.queue.onSubmittedWorkDone();
    }
    const target = staging[nextStaging++ % staging.length];
    encoder.copyBufferToBuffer(ring, 0, target, 0, ring.size);
    device.gpu.queue.submit([encoder.finish()]);
    const upTo = stepsDone;
    return readRing(target).then((words) => report(words, upTo, onRow));
  }

  async function readRing(target: GPUBuffer): Promise<Uint32Array> {
    try {
      await target.mapAsync(GPUMapMode.READ);
      // A copy: what a listener does, or a lost device, may take the mapped memory away.
      const words = new Uint32Array(target.getMappedRange().slice(0));
      target.unmap();
      return words;
    } catch (cause) {
      device.check();
      throw new ReparamError("device", "The metrics could not be read back from the GPU.", { cause });
    }
  }

  function report(words: Uint32Array, upTo: number, onRow: (row: StepRow) => void): void {
    const floats = new Float32Array(words.buffer);
    // The state stands still from a bad step on, so no later row of the ring was ever written.
    for (; rowsRead < upTo && !poisoned; rowsRead++) {
      const at = (rowsRead % RING_ROWS) * rowWords;
      poisoned = words[at + 5] !== 0;
      onRow({
        step: rowsRead,
        valid: words[at + 3],
        gradientNorm: floats[at + 4],
        poisoned,
        metrics: floats.slice(at + RING_HEADER, at + rowWords),
      });
    }
  }
}
