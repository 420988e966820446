import { expect, test } from "@playwright/test";

// The judge of the peers' benchmark, with contestants that are made up. The real ones need minutes: npm run bench:peers.
const { contest } = await import(new URL("../peers/contest.mjs", import.meta.url).href);
const { starts, startsTable } = await import(new URL("../peers/starts.mjs", import.meta.url).href);
const { summarise, table } = await import(new URL("../peers/report.mjs", import.meta.url).href);

interface Fake {
  readonly milliseconds?: number;
  readonly value?: number;
  readonly run?: () => Promise<never>;
}

async function judged(problem: object, fakes: Record<string, Fake>, limit = 1) {
  const disposed: string[] = [];
  const open = (key: string) => {
    const { milliseconds = 100, value = 500, run } = fakes[key];
    return {
      prepare: async () => key.toUpperCase(),
      run: run ?? (async (repeats: number) => ({ value, milliseconds: milliseconds * repeats })),
      dispose: () => disposed.push(key),
    };
  };
  const options = { rounds: 3, seconds: 1, limit, log: () => {} };
  return { ...(await contest(problem, Object.keys(fakes), open, options)), disposed };
}

const training = { name: "vae", kind: "training", checkSteps: 4, averagedSteps: 2 };

test("contestants that agree are timed for the same time, and slow ones for a step a round", async () => {
  const { entries, unable } = await judged(training, { quick: { milliseconds: 100 }, slow: { milliseconds: 5000 } });
  expect(unable).toEqual([]);
  expect(entries.map(({ repeats }: { repeats: number }) => repeats)).toEqual([10, 1]);
  const [quick] = summarise(entries, training);
  expect(quick).toMatchObject({ median: 10, ratioTo: { quick: 1, slow: 50 } });
});

test("who disagrees, fails or does not end is named with the reason, and the others go on", async () => {
  const { entries, unable, disposed } = await judged(
    training,
    {
      a: {},
      b: { value: 501 },
      wrong: { value: 530 },
      broken: { run: () => Promise.reject(new Error("page.evaluate: Error: no such kernel\n    at somewhere")) },
      stuck: { run: () => new Promise<never>(() => {}) },
    },
    0.05,
  );
  expect(entries.map(({ key }: { key: string }) => key)).toEqual(["a", "b"]);
  expect(Object.fromEntries(unable.map(({ key, reason }: { key: string; reason: string }) => [key, reason]))).toEqual({
    wrong: expect.stringMatching(/^WRONG: its first value 530 is 5\.9 % off the others', more than 1 %$/),
    broken: "no such kernel",
    stuck: "the first step takes more than 0.1 s",
  });
  expect(disposed.sort()).toEqual(["a", "b", "broken", "stuck", "wrong"]);
  expect(table({ ...training, results: summarise(entries, training), unable })).toContain(
    "BROKEN is missing: no such kernel",
  );
});

test("a value that is no number is wrong, whoever comes first, and nobody else is for it", async () => {
  const wrong = { key: "diverged", reason: expect.stringMatching(/^WRONG: its first value NaN/) };
  for (const fakes of <Record<string, Fake>[]>[
    { a: {}, diverged: { value: Number.NaN } },
    { a: {}, b: {}, diverged: { value: Number.NaN } },
    { diverged: { value: Number.NaN }, a: {}, b: {}, c: {} },
  ]) {
    const { entries, unable } = await judged(training, fakes);
    expect(entries).toHaveLength(Object.keys(fakes).length - 1);
    expect(unable).toEqual([expect.objectContaining(wrong)]);
  }
});

test("a kernel's results have to agree far more closely than losses", async () => {
  const kernel = { name: "matmul-512", kind: "kernel", flops: 2e9 };
  const { entries, unable } = await judged(kernel, { a: {}, b: {}, off: { value: 500.1 } });
  expect(unable).toHaveLength(1);
  expect(summarise(entries, kernel)[0].flopsPerSecond).toBeCloseTo(20e9);
});

test("each starts in a new browser, then once more in it; who cannot is named and not tried again", async () => {
  const seen: string[] = [];
  const launch = async () => {
    seen.push("browser");
    return { close: async () => void seen.push("closed") };
  };
  const open = async (_: unknown, key: string) => ({
    prepare: async () => {
      if (key === "broken") throw new Error("no WebGPU\nat somewhere");
      return key.toUpperCase();
    },
    run: async () => void seen.push(key),
    dispose: async () => void seen.push(`${key} left`),
  });
  const found = await starts(["reparam", "broken"], launch, open, { rounds: 2, log: () => {} });
  const page = [...Array(10).fill("reparam"), "reparam left"];
  const reparam = ["browser", ...page, ...page, "closed"];
  expect(seen).toEqual([...reparam, "browser", "broken left", "closed", ...reparam]);
  expect(found.unable).toEqual([{ key: "broken", name: "broken", reason: "no WebGPU" }]);
  expect(found.entries.map(({ cold, warm }: Record<string, unknown[]>) => [cold.length, warm.length])).toEqual([
    [2, 2],
  ]);
  expect(startsTable(found, "vae")).toMatch(/^vae .*\nREPARAM .* 1\.00\nbroken is missing: no WebGPU$/);
});
