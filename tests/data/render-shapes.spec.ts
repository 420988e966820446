import { expect, test } from "@playwright/test";
import { renderShapes } from "../../src/data/render-shapes.ts";
import { shapes } from "../../src/data/shapes.ts";
import { ReparamError } from "../../src/errors.ts";
import { quickDrivers } from "../support/dawn.ts";
import { sharedDevice } from "../support/training.ts";

for (const driver of quickDrivers) {
  test(`the GPU draws the bytes of the reference but for one grey level, of the same factors (${driver ?? "default"} adapter)`, async () => {
    const device = await sharedDevice(driver);
    for (const options of [
      { seed: 2, trainCount: 400, testCount: 70 },
      { seed: 5, trainCount: 1, testCount: 90, size: 36 },
      // More than one launch draws at once, and the last one less.
      { seed: 5, trainCount: 300, testCount: 20, size: 256 },
    ]) {
      const expected = shapes(options);
      const found = await renderShapes(device, options);
      expect({ name: found.name, fields: found.fields }).toEqual({ name: expected.name, fields: expected.fields });
      for (const split of ["train", "test"] as const) {
        const [a, b] = [found[split], expected[split]];
        expect(a.count).toBe(b.count);
        expect(a.values.label).toEqual(b.values.label);
        expect(a.values.factors).toEqual(b.values.factors);
        expect(a.values.x.length).toBe(b.values.x.length);
        let other = 0;
        let worst = 0;
        for (let k = 0; k < b.values.x.length; k++) {
          const off = Math.abs(a.values.x[k] - b.values.x[k]);
          if (off > 0) other++;
          worst = Math.max(worst, off);
        }
        expect(worst).toBeLessThanOrEqual(1);
        expect(other / b.values.x.length).toBeLessThan(1e-3);
      }
    }
  });
}

test("progress is told launch by launch, and a signal stops between them", async () => {
  const device = await sharedDevice();
  const options = { trainCount: 300, testCount: 20, size: 256 };
  const told: [number, number][] = [];
  await renderShapes(device, { ...options, onProgress: (done, total) => told.push([done, total]) });
  expect(told).toEqual([
    [256, 320],
    [300, 320],
    [320, 320],
  ]);
  const stop = new AbortController();
  const stopped = renderShapes(device, { ...options, signal: stop.signal, onProgress: () => stop.abort() });
  await expect(stopped).rejects.toThrow(ReparamError);
  await expect(stopped).rejects.toThrow("shapes: interrupted after 256 of 320 images.");
  await expect(stopped).rejects.toMatchObject({ code: "aborted" });
});

test("what shapes refuses is refused", async () => {
  const device = await sharedDevice();
  await expect(renderShapes(device, { size: 30 })).rejects.toThrow("shapes: size must be a multiple of 4");
});
