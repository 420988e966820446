import { expect, test } from "@playwright/test";
import { type Contender, contest } from "../../src/tune/contest.ts";

/** A contender whose timings are made up: `seconds` of its n-th timing by its k-th pipeline. */
function fake(seconds: (timing: number, pipeline: number) => number) {
  const counts = { timings: 0, pipelines: 1 };
  const contender: Contender = {
    time: async () => seconds(counts.timings++, counts.pipelines - 1),
    renew: async () => void counts.pipelines++,
  };
  return { contender, counts };
}

const steady = (seconds: number) => fake((timing) => seconds * (1 + 0.005 * (timing % 3)));

async function run(fakes: readonly ReturnType<typeof fake>[], options: Partial<Parameters<typeof contest>[1]> = {}) {
  const contenders = fakes.map(({ contender }) => contender);
  return contest(contenders, { rounds: 15, ...options });
}

test("the quickest wins, and whoever is far slower is out after three rounds without a second pipeline", async () => {
  const [now, quick, slow] = [steady(2), steady(1), steady(5)];
  const { winner, standings } = await run([now, quick, slow]);
  expect(winner).toBe(1);
  expect([now, quick, slow].map(({ counts }) => counts)).toEqual([
    { timings: 3, pipelines: 1 },
    { timings: 3, pipelines: 1 },
    { timings: 3, pipelines: 1 },
  ]);
  expect(standings[2].time.median).toBeCloseTo(5, 1);
});

test("a tie runs through all rounds and changes nothing", async () => {
  const [now, other] = [fake((k) => 1 + 0.1 * (k % 2)), fake((k) => 0.995 + 0.1 * ((k + 1) % 2))];
  const { winner, standings } = await run([now, other], { rounds: 9 });
  expect(winner).toBe(0);
  expect(standings.map(({ rounds }) => rounds)).toEqual([9, 9]);
});

test("a difference below three per cent changes nothing, however sure", async () => {
  expect((await run([fake(() => 1), fake(() => 0.98)])).winner).toBe(0);
  expect((await run([fake(() => 1), fake(() => 0.96)])).winner).toBe(1);
});

test("slow spells of the machine, which fall on all, hide no difference", async () => {
  const spell = (round: number) => [1, 3, 1.5, 2, 1][round % 5];
  const { winner, gain, standings } = await run([fake((k) => spell(k)), fake((k) => 0.9 * spell(k))], { rounds: 10 });
  expect(standings.map(({ rounds }) => rounds)).toEqual([10, 10]); // their ranges overlap throughout
  expect(winner).toBe(1);
  expect(gain).toBeCloseTo(1 / 0.9, 6);
});

test("a difference that turns its sign from round to round changes nothing", async () => {
  const wild = fake((k) => [0.5, 1.6, 0.6, 1.7, 0.55, 0.9, 1.5][k % 7]);
  expect((await run([fake(() => 1), wild], { rounds: 14 })).winner).toBe(0);
});

test("a slow pipeline does not condemn a candidate: it is compiled again, and wins by its second", async () => {
  const now = steady(1);
  const unlucky = fake((_, pipeline) => [1.3, 0.8][pipeline]);
  const { winner, standings } = await run([now, unlucky]);
  expect(winner).toBe(1);
  expect(unlucky.counts.pipelines).toBe(2);
  expect(standings[1]).toMatchObject({ renewed: true, time: { median: 0.8 } });
});

test("nor does it cost what one has its place", async () => {
  const unlucky = fake((_, pipeline) => [1.3, 1][pipeline]);
  expect((await run([unlucky, steady(1)])).winner).toBe(0);
});

test("a candidate that is slow with its second pipeline too is out, and is not compiled a third time", async () => {
  const slow = fake(() => 1.3);
  const { winner, standings } = await run([steady(1), slow], { rounds: 4 });
  expect(winner).toBe(0);
  expect(slow.counts).toEqual({ timings: 6, pipelines: 2 });
  expect(standings[1].rounds).toBe(3);
});

test("who loses in the last round still gets its second pipeline judged", async () => {
  const unlucky = fake((_, pipeline) => [1.3, 0.8][pipeline]);
  const { winner, standings } = await run([steady(1), unlucky], { rounds: 3 });
  expect(winner).toBe(1);
  expect(standings.map(({ rounds }) => rounds)).toEqual([6, 6]); // the loser is now the other, and gets a second one too
});

test("exhaustively, everybody runs through all rounds", async () => {
  const fakes = [steady(1), steady(2), steady(9)];
  const { winner, standings } = await run(fakes, { exhaustive: true, rounds: 7 });
  expect(winner).toBe(0);
  expect(standings.map(({ rounds }) => rounds)).toEqual([7, 7, 7]);
});

test("one alone wins after a round, and nobody wins where nobody runs", async () => {
  const alone = steady(1);
  expect((await run([alone])).winner).toBe(0);
  expect(alone.counts.timings).toBe(1);
  expect(await run([])).toEqual({ winner: -1, gain: 1, standings: [] });
});
