import type { DeviceProfile } from "../gpu/profile.ts";
import { linearGrid } from "../kernels/geometry.ts";
import { link } from "../kernels/link.ts";
import { externalBinding } from "../plan/binding.ts";
import type { Dispatch } from "../plan/plan.ts";
import { benchCopy } from "../shaders/bench/copy.generated.ts";
import { benchMultiplyAdd } from "../shaders/bench/multiply_add.generated.ts";
import { type BenchCase, planCase } from "./case.ts";
import { randomFloats } from "./data.ts";

/** Operations of a chain in a turn: see shaders/bench/multiply_add.wgsl. */
const FLOP_A_TURN = 4 * 2 * 16;

/** Enough for a launch to take a millisecond, and small enough for a weak GPU not to stumble. */
const arithmeticSize = (software: boolean) =>
  software ? { threads: 1 << 14, turns: 16 } : { threads: 1 << 20, turns: 32 };

/** Bytes of each of the two buffers: together beyond the caches of most GPUs, so that memory itself is measured. */
const copyBytes = (software: boolean) => (software ? 16 << 20 : 64 << 20);

/** The ways of multiplying and adding, of which the quickest is the ceiling. */
export function multiplyAddCases({ software }: DeviceProfile): BenchCase[] {
  const { threads, turns } = arithmeticSize(software);
  const ways = [3, 8].flatMap((chains) => [false, true].map((fused) => ({ chains, fused })));
  return ways.map(({ chains, fused }) =>
    planCase({
      kernel: "multiply-add",
      variant: `${chains} chains, ${fused ? "fma" : "product and sum"}`,
      shape: `${threads} threads`,
      buffers: () => ({ result: 4 * threads }),
      plan: () => {
        const result = externalBinding("result", 4 * threads, "read_write");
        const dispatch: Dispatch = {
          kernel: "bench/multiply_add",
          label: "multiply-adds",
          code: link(benchMultiplyAdd),
          constants: { THREADS: threads, TURNS: turns, CHAINS: chains, FUSED: Number(fused) },
          bindings: [result],
          workgroups: linearGrid(threads, 64),
          shape: String(threads),
          flops: threads * turns * chains * FLOP_A_TURN,
          bytes: 4 * threads,
        };
        return { dispatches: [dispatch], slots: [], outputs: { result: { binding: result, shape: [threads] } } };
      },
      expected: () => ({ result: expectedSums(threads, chains, 16 * turns) }),
    }),
  );
}

function expectedSums(threads: number, chains: number, steps: number): Float64Array {
  const kinds = Array.from({ length: 8 }, (_, kind) => {
    const a = 0.75 + kind * 0.03125;
    let sum = 0;
    for (let chain = 0; chain < chains; chain++) {
      for (let lane = 0; lane < 4; lane++) {
        let x = chain + lane;
        for (let k = 0; k < steps; k++) x = x * a + a;
        sum += x;
      }
    }
    return sum;
  });
  return Float64Array.from({ length: threads }, (_, thread) => kinds[thread & 7]);
}

/** The ways of copying, of which the quickest is the ceiling. `largest`: the most bytes that a binding may have. */
export function copyCases({ software }: DeviceProfile, largest: number): BenchCase[] {
  const bytes = Math.min(copyBytes(software), largest);
  const count = bytes / 16;
  let source: Float32Array<ArrayBuffer> | undefined;
  const data = () => (source ??= randomFloats(bytes / 4, 1));
  return [1, 4, 16].map((each) =>
    planCase({
      kernel: "copy",
      variant: `${each} vec4f a thread`,
      shape: `${bytes >> 20} MiB`,
      buffers: () => ({ source: data(), copy: bytes }),
      plan: () => {
        const copy = externalBinding("copy", bytes, "read_write");
        const dispatch: Dispatch = {
          kernel: "bench/copy",
          label: "copy",
          code: link(benchCopy),
          constants: { COUNT: count, EACH: each },
          bindings: [externalBinding("source", bytes, "read"), copy],
          workgroups: linearGrid(Math.ceil(count / each), 64),
          shape: String(count),
          flops: 0,
          bytes: 2 * bytes,
        };
        return { dispatches: [dispatch], slots: [], outputs: { copy: { binding: copy, shape: [bytes / 4] } } };
      },
      expected: () => ({ copy: data() }),
    }),
  );
}
