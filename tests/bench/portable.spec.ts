import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { driverFile, drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";

// The bundle of `npm run bench:portable`, run as on a machine that has neither Node nor a checkout.

const builder = fileURLToPath(new URL("../peers/portable/build.mjs", import.meta.url));
const driver = process.env.VK_DRIVER_FILES ?? (drivers[0] && driverFile(drivers[0]));
/** All that a command of the bundle gets: no PATH to a Node, and a Vulkan driver. */
const env = { PATH: "/bin", ...(driver && { VK_DRIVER_FILES: driver }) };
const run = promisify(execFile);

test.skip(process.platform !== "linux" || process.arch !== "x64", "the bundle is for x86-64 Linux");

let out: string;
test.beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), "reparam-test-portable-"));
});
test.afterAll(() => rmSync(out, { recursive: true }));

test("the portable folder runs reparam without a Node of the system", async () => {
  test.skip(!long, onlyLong);
  const { stdout } = await run(process.execPath, [builder, "--out", out, "--folder-only"]);
  const folder = stdout.trim();
  const reparam = async (...args: string[]) => (await run(join(folder, "reparam"), args, { env, cwd: out })).stdout;
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect((await reparam("--version")).trim()).toBe(version);

  test.skip(driver === undefined, "no Vulkan driver here");
  const report = JSON.parse(await reparam("bench", "matmul", "--shape", "64x64x64", "--rounds", "1", "--json"));
  expect(report.host.kind).toBe("dawn");
  expect(report.adapterName).not.toBe("");
  expect(report.kernels).toHaveLength(1);
  expect(report.kernels[0]).toMatchObject({ kernel: "matmul", status: "ok" });
});

test("its archive has under 60 MiB, and its bench.sh leaves JSON of kernels, steps, training runs and the machine", async () => {
  test.skip(!process.env.REPARAM_LONG || driver === undefined, "takes minutes: npm run test:long");
  execFileSync(process.execPath, [builder, "--out", out]);
  const archive = readdirSync(out).find((name) => name.includes(".tar."))!;
  expect(statSync(join(out, archive)).size).toBeLessThan(60 * 2 ** 20);
  const folder = join(out, archive.replace(/\.tar\..*/, ""));
  rmSync(folder, { recursive: true });
  execFileSync("tar", ["-C", out, "-xf", join(out, archive)]);

  const results = join(out, "results");
  const brief = ["--kernels", "matmul", "--rounds", "1", "--steps", "3", "--presets", "vae"];
  await run(join(folder, "bench.sh"), ["--out", results, ...brief], { env, cwd: out });
  const read = (name: string) => JSON.parse(readFileSync(join(results, name), "utf8"));
  expect(read("kernels.json").kernels.every(({ status }: { status: string }) => status === "ok")).toBe(true);
  expect(read("steps.json").kernels.map(({ variant }: { variant: string }) => variant)).toContain("conv-vae");
  const events = readFileSync(join(results, "train-vae.jsonl"), "utf8").trim().split("\n");
  expect(JSON.parse(events.at(-1)!)).toMatchObject({ event: "end", status: "ok" });
  expect(read("machine.json")).toMatchObject({ adapterName: read("kernels.json").adapterName });
});
