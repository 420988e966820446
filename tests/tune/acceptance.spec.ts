import { expect, test } from "@playwright/test";
import { Patience } from "../../src/bench/patience.ts";
import type { Device } from "../../src/gpu/device.ts";
import { buildModel } from "../../src/models/index.ts";
import { presets } from "../../src/train/presets.ts";
import { subjectsOfModel } from "../../src/tune/products.ts";
import { tuneProducts } from "../../src/tune/tune.ts";
import { drivers, engineDevice } from "../support/dawn.ts";

/** The products that a step of `vae` spends nine tenths of its time in. */
const FIVE = /^matmul (NN 128x784x400|NN 128x400x784|NT 128x784x400|TN 784x128x400|TN 400x128x784)\b/;

/**
 * A device whose launches are timed by this process's processor time: where cores are lent and taken, a wall clock is off
 * by 2 x and the best of twenty candidates is whichever was lucky. A software adapter computes in this process.
 */
function byProcessorTime(device: Device): Device {
  const gpu = new Proxy(device.gpu, {
    get: (target, key) => {
      if (key === "features") return new Set([...target.features].filter((feature) => feature !== "timestamp-query"));
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  performance.now = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  return { ...device, gpu };
}

const { now } = performance;
test.afterEach(() => {
  performance.now = now;
});

for (const driver of drivers) {
  test(`on ${driver ?? "the default adapter"} the tuner's choice is within 5 % of the best of an exhaustive run`, async () => {
    test.skip(!process.env.REPARAM_LONG, "takes minutes: npm run test:long");
    const opened = await engineDevice(driver);
    test.skip(!opened?.adapter.fallback, "no software adapter in Dawn");
    const device = byProcessorTime(opened!);
    const { model, training } = presets.vae.config;
    const subjects = subjectsOfModel(buildModel(model, [28, 28, 1]), training.batchSize, device.profile);
    const five = subjects.filter(({ name }) => FIVE.test(name));
    expect(five).toHaveLength(5);
    const patience = new Patience(device, 60_000);
    const { products } = await tuneProducts(device, patience, five);
    const all = await tuneProducts(device, patience, five, { exhaustive: true, rounds: 7 });
    for (const [k, { name, choice }] of products.entries()) {
      const timed = all.products[k].candidates.filter(({ time }) => time);
      const [best] = timed.toSorted((a, b) => a.time!.median - b.time!.median);
      const chosen = timed.find((candidate) => candidate.choice === choice)!;
      const ratio = chosen.time!.median / best.time!.median;
      const line = `${driver} ${name}: ${choice} takes ${ratio.toFixed(3)} of ${best.choice}, of ${timed.length}`;
      console.log(line);
      expect.soft(ratio, line).toBeLessThan(1.05);
    }
  });
}
