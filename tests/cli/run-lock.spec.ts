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
  for (const holder of [
    { pid: process.ppid, machine: hostname() },
    { pid: ended(), machine: "elsewhere" },
  ]) {
    await fs.writeFile("run/.lock", JSON.stringify(holder));
    const services = fakeServices();
    await expect(train(undefined, { resume: "run" }, services, neverInterrupted)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(
        `^Another process \\(${holder.pid} on ${holder.machine}\\) trains in run: .*\\.lock\\.$`,
      ),
    });
    expect(services.opened).toEqual([]);
    expect(JSON.parse(await fs.readFile("run/.lock", "utf8"))).toEqual(holder);
  }
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
