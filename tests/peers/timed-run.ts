import type { Contestant, Run } from "./contestants/contestant.ts";
import { problems } from "./problems/index.ts";

/** What the driver calls, in a page as in the Dawn process. */
export function timedRun(open: () => Promise<Contestant>, problem: string) {
  let run: Run;
  return {
    /** Resolves to the contestant's name. */
    async prepare() {
      const contestant = await open();
      run = await contestant.prepare(problems[problem]);
      return contestant.name;
    },
    /** `value`: the last loss, or the kernel's checked sum. */
    async run(repeats: number) {
      const start = performance.now();
      const value = await run(repeats);
      return { value, milliseconds: performance.now() - start };
    },
  };
}
