import { spawnSync } from "node:child_process";
import fs from "node:fs/promises";
import { hostname } from "node:os";
import { expect, test } from "@playwright/test";
import { lockRun } from "../../src/cli/run-lock.ts";
import { train } from "../../src/cli/train.ts";
import { enterTemporaryFolder, fakeServices, leaveTemporaryFolder, neverInterrupted } from "./support.ts";

const small = { batchSize: "4", epochs: "2", set: ["model.latent=3"] };

test.beforeEach(enterTemporaryFolder);
test.afterEach(leaveTemporaryFolder);

/** A process that has ended: its number is nobody's for a while. */
const ended = () => spawnSync(process.execPath, ["-e", ""]).pid;

test("a run folder in which another process trains is refused before a browser starts, and as it was", async () => {
  await train(undefined, { ...small, out: "run" }, fakeServices(), neverInterrupted);
  const holder = { pid: process.ppid, machine: hostname() };
  await fs.writeFile("run/.lock", JSON.stringify(holder));
  const services = fakeServices();
  await expect(train(undefined, { resume: "run" }, services, neverInterrupted)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringMatching(
      `^Another process \\(${holder.pid} on ${hostname()}\\) trains in run: .*\\.lock\\.$`,
    ),
  });
  expect(services.opened).toEqual([]);
  expect(JSON.parse(await fs.readFile("run/.lock", "utf8"))).toEqual(holder);
});

test("a lock of another machine is watched: one that is touched is another's, one that is not is taken over", async () => {
  await fs.mkdir("run");
  const theirs = JSON.stringify({ pid: ended(), machine: "elsewhere" });
  await fs.writeFile("run/.lock", theirs);
  const beat = () => fs.utimes("run/.lock", 0, 0);
  const told: string[] = [];
  await expect(lockRun("run", (line) => void told.push(line), beat)).rejects.toThrow(/ on elsewhere\) trains in run: /);
  expect(told).toEqual([expect.stringMatching(/is of another machine, elsewhere: watching it for a minute/)]);
  expect(await fs.readFile("run/.lock", "utf8")).toBe(theirs);
  const release = await lockRun("run", undefined, async () => {});
  expect(JSON.parse(await fs.readFile("run/.lock", "utf8"))).toEqual({ pid: process.pid, machine: hostname() });
  release();
  // One that its owner has taken away meanwhile is nobody's.
  await fs.writeFile("run/.lock", theirs);
  (await lockRun("run", undefined, () => fs.rm("run/.lock")))();
  expect(await fs.readdir("run")).toEqual([]);
});

test("the lock of a process that was killed, or that was cut off, is taken over, and none is left in the end", async () => {
  await fs.mkdir("run");
  for (const text of [JSON.stringify({ pid: ended(), machine: hostname() }), "", '{"pid":']) {
    await fs.writeFile("run/.lock", text);
    const release = await lockRun("run");
    expect(JSON.parse(await fs.readFile("run/.lock", "utf8"))).toEqual({ pid: process.pid, machine: hostname() });
    release();
    expect(await fs.readdir("run")).toEqual([]);
  }
});
