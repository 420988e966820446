// reparam on Dawn, in a Node process of its own: the driver forks it and calls it by messages.
import { openDawnGpu } from "../../src/host/dawn.ts";
import type { Contestant } from "./contestants/contestant.ts";
import { reparam } from "./contestants/reparam.ts";
import { initialWeights, strokeImages } from "./problem.ts";

let contestant: Contestant;

const methods: Record<string, (steps: number) => Promise<unknown>> = {
  async prepare() {
    const { gpu, settle } = await openDawnGpu((line) => console.error(line));
    const { info } = (await gpu.requestAdapter())!;
    contestant = reparam(`reparam dawn (${info.architecture} ${info.device})`, { gpu, settle });
    await contestant.prepare(initialWeights(), strokeImages());
    return contestant.name;
  },
  async run(steps) {
    const start = performance.now();
    const loss = await contestant.run(steps);
    return { loss, milliseconds: performance.now() - start };
  },
};

process.on("message", async ({ method, argument }: { method: string; argument: number }) => {
  try {
    process.send!({ result: await methods[method](argument) });
  } catch (error) {
    process.send!({ error: (error as Error).message });
  }
});
