import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";
import { HANG_SECONDS, long } from "./tests/support/long.ts";

// lavapipe compiles in half the time for vectors of 128 bits, and then computes four times as long: what tests do is compile. The
// long suite leaves it the processor's own width, and with that subgroups of 8. Mesa keeps what was compiled and does not tell
// widths apart, so each has a folder of its own, apart from the user's.
if (!long) process.env.LP_NATIVE_VECTOR_WIDTH ??= "128";
process.env.MESA_SHADER_CACHE_DIR ??= join(
  import.meta.dirname,
  `node_modules/.cache/reparam-mesa-${process.env.LP_NATIVE_VECTOR_WIDTH ?? "native"}`,
);

process.env.REPARAM_TEST_RUN ??= join(tmpdir(), `reparam-test-run-${process.pid}`);

// One runner for all tests: plain Node, Dawn in Node, and headless Chromium. `npm run test:long` adds the long ones.
export default defineConfig({
  testDir: "tests",
  testMatch: "**/*.spec.ts",
  testIgnore: "tests/peers/**",
  // No test is judged by its time. Both limits guard against a wait without end alone (a shader that hangs, a page that
  // never answers): they are so large that no slow machine reaches them.
  timeout: 1000 * HANG_SECONDS,
  expect: { timeout: 1000 * HANG_SECONDS },
  // A worker compiles its own kernels: on one core a second one would only compile them again. On two a third works while another
  // waits for a browser.
  workers: availableParallelism() === 1 ? 1 : 3,
  globalTeardown: "./tests/support/once-a-run.ts",
  fullyParallel: false,
  reporter: process.env.REPARAM_TEST_SUMMARY ? [["list"], ["./tests/support/summary-reporter.ts"]] : [["list"]],
});
