// reparam on Dawn at the problem that the command line names, in a Node process of its own: the driver forks it and calls
// it by messages.
import { openDawnGpu } from "../../src/host/dawn.ts";
import { reparam } from "./contestants/reparam.ts";
import { timedRun } from "./timed-run.ts";

const methods: Record<string, (argument: number) => Promise<unknown>> = timedRun(async () => {
  const { gpu, settle } = await openDawnGpu((line) => console.error(line));
  const { info } = (await gpu.requestAdapter())!;
  return reparam(`reparam dawn (${info.architecture} ${info.device})`, { gpu, settle });
}, process.argv[2]);

process.on("message", async ({ method, argument }: { method: string; argument: number }) => {
  try {
    process.send!({ result: await methods[method](argument) });
  } catch (error) {
    process.send!({ error: (error as Error).message });
  }
});
