import { expect, test } from "@playwright/test";
import { type Diagnosis, diagnose, type HostDiagnosis, missingFrom, renderDiagnosis } from "../../src/host/doctor.ts";
import type { AdapterReport } from "../../src/host/probe.ts";

const adapter: AdapterReport = {
  vendor: "acme",
  architecture: "rocket",
  device: "",
  description: "",
  fallback: true,
  subgroupSizes: [4, 8],
  limits: { maxBufferSize: 1 << 28 },
  features: ["subgroups"],
};
const working: HostDiagnosis = { version: "Chromium 1.2", adapter, notes: [] };
const broken: HostDiagnosis = { problem: "It did not start: no such library.", notes: [] };

test("the diagnosis finds this machine's browser and what it computes with, and is plain data", async () => {
  const diagnosis = await diagnose();
  expect(diagnosis.node).toBe(process.version);
  const usable = diagnosis.browsers.filter((browser) => browser.adapter);
  expect(usable.length).toBeGreaterThan(0);
  for (const { version, adapter } of usable) {
    expect(version).toMatch(/^Chromium \d/);
    expect(adapter!.limits.maxStorageBuffersPerShaderStage).toBeGreaterThanOrEqual(8);
  }
  expect(JSON.parse(JSON.stringify(diagnosis))).toEqual(diagnosis);
  const text = renderDiagnosis(diagnosis);
  for (const { path } of diagnosis.browsers) expect(text).toContain(path);
});

test("what is missing comes with how to get it", () => {
  expect(missingFrom([working], working, false)).toEqual([]);
  expect(missingFrom([broken], working, false)).toEqual([expect.stringContaining("playwright-core install chromium")]);
  expect(missingFrom([working], { ...broken, problem: "Dawn is not installed." }, false)).toEqual([
    expect.stringContaining("Dawn is not installed."),
  ]);
  expect(missingFrom([working], working, true)).toEqual([expect.stringContaining("Vulkan driver")]);
  const hardware = { ...working, adapter: { ...adapter, fallback: false } };
  expect(missingFrom([working, hardware], working, true)).toEqual([]);
});

test("the text for people names the adapter, that it is software, the features and the problems", () => {
  const diagnosis: Diagnosis = {
    node: "v20",
    platform: "linux",
    environment: { VK_DRIVER_FILES: "/a.json" },
    browsers: [{ path: "/opt/chrome", source: "CHROME_PATH", ...working }],
    dawn: broken,
    missing: ["Dawn."],
  };
  const text = renderDiagnosis(diagnosis);
  for (const part of [
    "/opt/chrome (CHROME_PATH)",
    "acme rocket (software)",
    "subgroups yes, timestamp-query no, shader-f16 no; subgroups of 4 to 8 lanes",
    "maxBufferSize 268,435,456",
    "unusable  It did not start: no such library.",
    "VK_DRIVER_FILES=/a.json",
    "- Dawn.",
  ]) {
    expect(text).toContain(part);
  }
});
