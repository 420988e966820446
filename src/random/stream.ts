import { gaussian4 } from "./gaussian.ts";
import { philox4x32, uniform4, type Words4 } from "./philox.ts";

/** The random numbers of one stream below a seed, each a function of its index alone. */
export interface Stream {
  /** Uniform in (0, 1). */
  readonly uniform: (index: number) => number;
  /** Standard normal. */
  readonly normal: (index: number) => number;
}

/** stream, seed: 32 bits each. Numbers that are asked for in order cost a quarter of a Philox block each. */
export function createStream(stream: number, seed: number): Stream {
  const lane = (convert: (bits: Words4) => readonly number[]) => {
    let block = -1;
    let four: readonly number[] = [];
    return (index: number) => {
      if (index >> 2 !== block) {
        block = index >> 2;
        four = convert(philox4x32([block, stream, 0, 0], [seed, 0]));
      }
      return four[index & 3];
    };
  };
  return { uniform: lane(uniform4), normal: lane(gaussian4) };
}
