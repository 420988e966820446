import { defineConfig } from "@playwright/test";

// One runner for all tests: plain Node, Dawn in Node, and headless Chromium. `npm run test:long` adds the long ones.
export default defineConfig({
  testDir: "tests",
  testMatch: "**/*.spec.ts",
  testIgnore: "tests/peers/**",
  timeout: process.env.REPARAM_LONG ? 1_800_000 : 60_000,
  workers: 2,
  fullyParallel: false,
  reporter: process.env.REPARAM_TEST_SUMMARY ? [["list"], ["./tests/support/summary-reporter.ts"]] : [["list"]],
});
