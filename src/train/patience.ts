/**
 * How long a GPU may say nothing before it counts as hung: by what it has needed so far, so that a slow one is waited for.
 * It counts ticks of a second instead of reading a clock, since a machine that sleeps ticks no more than its GPU works.
 */
export interface Patience {
  /** Waits for something that begins now; `parts`: it is made of so many that nothing is heard of. */
  wait(parts?: number): Wait;
}

export interface Wait {
  /** Something was heard. */
  heard(): void;
  /** A second went by. True once there were too many of them. */
  tick(): boolean;
}

/** No silence is shorter than this: other programs may have the GPU for a while. */
const LEAST = 5 * 60;
/** Before anything was heard: the first step waits for what the driver still has to compile. */
const FIRST = 30 * 60;
/** Against the longest silence so far. */
const TIMES = 20;

export function createPatience(): Patience {
  let longest: number | undefined;
  return {
    wait: (parts = 0) => {
      let silent = 0;
      return {
        heard: () => {
          longest = Math.max(longest ?? 0, silent);
          silent = 0;
        },
        tick: () => {
          silent += 1;
          return silent > (longest === undefined ? FIRST : Math.max(LEAST, (TIMES + 2 * parts) * longest));
        },
      };
    },
  };
}
