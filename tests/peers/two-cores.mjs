// Waits until two threads really run at once. Shared machines lend between one and two cores without saying so, and a
// timing taken on one can be twice too long.
import { isMainThread, parentPort, Worker } from "node:worker_threads";

if (!isMainThread) {
  parentPort.on("message", (rounds) => {
    const start = performance.now();
    let x = 1;
    for (let i = 0; i < rounds; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
    parentPort.postMessage({ milliseconds: performance.now() - start, x });
  });
}

/** Resolves to how much longer two equal tasks take side by side than one alone: 1 on two free cores, 2 on one. */
async function slowdown(workers) {
  const spin = (worker) =>
    new Promise((resolve) => {
      worker.once("message", ({ milliseconds }) => resolve(milliseconds));
      worker.postMessage(3e7);
    });
  const alone = Math.min(await spin(workers[0]), await spin(workers[1]));
  return Math.max(...(await Promise.all(workers.map(spin)))) / alone;
}

/** Waits up to `seconds` for two free cores; resolves to the last slowdown measured (below 1.2: two cores). */
export async function waitForTwoCores(seconds) {
  const workers = [0, 1].map(() => new Worker(new URL(import.meta.url)));
  const end = performance.now() + 1000 * seconds;
  try {
    await slowdown(workers); // warms both up
    let measured = await slowdown(workers);
    while (measured >= 1.2 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      measured = await slowdown(workers);
    }
    return measured;
  } finally {
    for (const worker of workers) await worker.terminate();
  }
}
