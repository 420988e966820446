import { long } from "./long.ts";

const HURRY = 20;

/**
 * While `use` runs in the quick suite a moment is twenty to whoever looks at the clock: a launch is repeated until a sample is long
 * enough to be timed, which is then soon. For tests of what is timed, and not of how long it takes.
 */
export async function hurried<T>(use: () => Promise<T>): Promise<T> {
  if (long) return use();
  const { now } = performance;
  const begin = performance.now();
  performance.now = () => begin + HURRY * (now.call(performance) - begin);
  try {
    return await use();
  } finally {
    performance.now = now;
  }
}
