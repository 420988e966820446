import { type Encode, record } from "../gpu/commands.ts";
import type { Device } from "../gpu/device.ts";
import { prefersTextures } from "../gpu/profile.ts";
import type { Patience } from "./patience.ts";

/** Times launches on a device. */
export interface Clock {
  readonly kind: "timestamps" | "wall clock";
  /** Seconds that a sample should take at least, for the clock to be fine enough. */
  readonly sampleSeconds: number;
  /** Seconds of `repeats` launches, one after the other. */
  time(encode: Encode, repeats: number): Promise<number>;
  dispose(): void;
}

/** Timestamps are quantised to 65.5 µs in Dawn and in browsers: 1.3 % of this. */
const TIMESTAMP_SAMPLE = 5e-3;
/** A submit and the wait for it cost up to 2 ms beside the work. */
const WALL_SAMPLE = 50e-3;

/**
 * The GPU's own clock where it tells about as much of a launch as ours does, else ours. `probe` is work to compare the
 * two with: both look at the same launches, so that a machine that is busy with something else cannot part them.
 */
export async function openClock(device: Device, patience: Patience, probe: Encode): Promise<Clock> {
  const wall = wallClock(patience);
  // Timestamps are of one compute pass, and copies into textures part the launches into several.
  if (!device.gpu.features.has("timestamp-query") || prefersTextures(device.profile)) return wall;
  const stamps = timestampClock(device, patience);
  const repeats = await repeatsFor(wall, probe);
  const start = performance.now();
  const byStamps = await stamps.time(probe, repeats);
  const share = byStamps / ((performance.now() - start) / 1000);
  if (share > 0.3 && share < 1.05) return stamps;
  stamps.dispose();
  return wall;
}

function wallClock(patience: Patience): Clock {
  return {
    kind: "wall clock",
    sampleSeconds: WALL_SAMPLE,
    async time(encode, repeats) {
      const start = performance.now();
      await patience.run((encoder) => record(encoder, encode, repeats));
      return (performance.now() - start) / 1000;
    },
    dispose: () => {},
  };
}

function timestampClock({ gpu }: Device, patience: Patience): Clock {
  const querySet = gpu.createQuerySet({ type: "timestamp", count: 2 });
  const resolved = gpu.createBuffer({ size: 16, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
  const staging = gpu.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  return {
    kind: "timestamps",
    sampleSeconds: TIMESTAMP_SAMPLE,
    async time(encode, repeats) {
      const encoder = gpu.createCommandEncoder();
      const timestampWrites = { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
      record(encoder, encode, repeats, { timestampWrites });
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
      gpu.queue.submit([encoder.finish()]);
      await patience.wait(staging.mapAsync(GPUMapMode.READ));
      const [begin, end] = new BigUint64Array(staging.getMappedRange());
      const seconds = Number(end - begin) * 1e-9;
      staging.unmap();
      return seconds;
    },
    dispose: () => {
      querySet.destroy();
      resolved.destroy();
      staging.destroy();
    },
  };
}

/** More launches than this in one pass are no use even for the smallest kernel. */
const MAX_REPEATS = 4096;

/** How many launches make one sample. */
export async function repeatsFor(clock: Clock, encode: Encode): Promise<number> {
  let repeats = 1;
  for (;;) {
    let seconds = await clock.time(encode, repeats);
    // Once more where it looks long enough: it may only have been disturbed, and one launch too few for the clock is 0.
    if (seconds >= clock.sampleSeconds && seconds < 20 * clock.sampleSeconds) {
      seconds = Math.min(seconds, await clock.time(encode, repeats));
    }
    if (seconds >= clock.sampleSeconds || repeats === MAX_REPEATS) return repeats;
    const growth = seconds > 0 ? (1.15 * clock.sampleSeconds) / seconds : 16;
    repeats = Math.min(MAX_REPEATS, Math.ceil(repeats * Math.min(16, Math.max(growth, 1.01))));
  }
}
