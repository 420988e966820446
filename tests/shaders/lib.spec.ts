import { expect, test } from "@playwright/test";
import { dawnDevice, drivers, runShader } from "../support/dawn.ts";
import { normalDensity, normalDistribution } from "../support/normal.ts";
import { mapShader } from "../support/shader-text.ts";

type Accuracy = { reference: (x: number) => number; relative: number; absolute: number };

const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
/** eˣ − 1 − x by its series, where the terms would cancel. */
function expResidual(x: number): number {
  if (Math.abs(x) > 0.5) return Math.expm1(x) - x;
  let sum = 0;
  for (let k = 2, term = x; k < 20; k++) sum += term *= x / k;
  return sum;
}

/** The largest subnormal: adapters may flush what is smaller than a normal number to zero. */
const FLUSHED = 2 ** -126;

const functions: Record<string, Accuracy> = {
  safe_exp: { reference: Math.exp, relative: 2e-7, absolute: FLUSHED },
  safe_expm1: { reference: Math.expm1, relative: 2e-7, absolute: FLUSHED },
  safe_exp_residual: { reference: expResidual, relative: 8e-7, absolute: FLUSHED },
  safe_tanh: { reference: Math.tanh, relative: 2e-7, absolute: FLUSHED },
  safe_sigmoid: { reference: sigmoid, relative: 3e-7, absolute: FLUSHED },
  safe_log: { reference: Math.log, relative: 1.5e-7, absolute: 0 },
  safe_softplus: {
    reference: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    relative: 2.5e-7,
    absolute: FLUSHED,
  },
  // Above −6 the tail of the normal distribution is good to 1e-6; below, x Φ(x) is under 1e-8 anyway.
  safe_gelu: { reference: (x) => x * normalDistribution(x), relative: 1e-6, absolute: 1e-13 },
  safe_gelu_gradient: {
    reference: (x) => normalDistribution(x) + x * normalDensity(x),
    relative: 3e-7,
    absolute: 3e-7,
  },
  safe_silu: { reference: (x) => x * sigmoid(x), relative: 3e-7, absolute: 100 * FLUSHED },
  safe_elu: { reference: (x) => (x < 0 ? Math.expm1(x) : x), relative: 2e-7, absolute: FLUSHED },
  safe_relu: { reference: (x) => Math.max(x, 0), relative: 0, absolute: 0 },
};
const names = Object.keys(functions);

/** Every binade of both signs, and densely where functions change: around 0, around 1, within ±4, ±20 and ±110. */
function probes(): Float32Array<ArrayBuffer> {
  const values: number[] = [];
  const ladder = (count: number, at: (fraction: number) => number) => {
    for (let i = 0; i < count; i++) values.push(at((i + 0.5) / count));
  };
  for (let exponent = -126; exponent < 127; exponent++) {
    ladder(10, (f) => (1 + f) * 2 ** exponent);
    ladder(10, (f) => -(1 + f) * 2 ** exponent);
  }
  for (const reach of [1, 4, 20, 110]) ladder(4000, (f) => (2 * f - 1) * reach);
  ladder(4000, (f) => 1 + (2 * f - 1) * 0.01);
  values.push(0, 100, -100, 88.7, 88.8, -87.3, Math.SQRT1_2, Math.SQRT2);
  return Float32Array.from(values.slice(0, values.length - (values.length % 4)));
}

/** All functions at once: rows of `names`, the first lane through the scalar form and the others through that for vec4f. */
async function evaluateAll(device: GPUDevice, x: Float32Array<ArrayBuffer>): Promise<Map<string, Float32Array>> {
  const expressions = names.map((name) => `vec4f(${name}(a.x), ${name}4(a).yzw)`);
  const shader = mapShader(["lib/math.wgsl"], 1, expressions);
  const result = new Float32Array(x.length * names.length);
  const [, y] = await runShader(device, shader, [x, result], Math.ceil(x.length / 256));
  return new Map(names.map((name, k) => [name, y.subarray(k * x.length, (k + 1) * x.length)]));
}

for (const driver of drivers) {
  test.describe(`shaders/lib/math.wgsl on ${driver ?? "the default adapter"}`, () => {
    test("every function is accurate over the whole range of f32", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const x = probes();
      for (const [name, y] of await evaluateAll(device!, x)) {
        const { reference, relative, absolute } = functions[name];
        for (let i = 0; i < x.length; i++) {
          const exact = reference(x[i]);
          const close =
            Object.is(y[i], Math.fround(exact)) || Math.abs(y[i] - exact) <= relative * Math.abs(exact) + absolute;
          if (!close) expect(`${name}(${x[i]}) = ${y[i]}`).toBe(`${name}(${x[i]}) = ${exact}`);
        }
      }
    });

    test("NaN in gives NaN out, whatever its sign and payload", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const bits = Uint32Array.from([0x7fc00000, 0xffc00000, 0x7fffffff, 0xffc12345]);
      for (const [name, y] of await evaluateAll(device!, new Float32Array(bits.buffer))) {
        for (const word of new Uint32Array(y.slice().buffer)) {
          expect(word & 0x7fffffff, `${name} of NaN has the bits ${word.toString(16)}`).toBeGreaterThan(0x7f800000);
        }
      }
    });

    test("infinities, zeros and arguments outside the domain give what IEEE 754 says", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const x = Float32Array.from([Infinity, -Infinity, 0, -0, -1, -2, 3e38, -3e38]);
      for (const [name, y] of await evaluateAll(device!, x)) {
        const { reference, relative, absolute } = functions[name];
        for (let i = 0; i < x.length; i++) {
          const exact = Math.fround(reference(x[i]));
          if (Number.isNaN(exact) && x[i] === Math.abs(x[i])) continue; // ∞ · 0 or ∞ − ∞: no answer to give
          if (Number.isFinite(exact))
            expect
              .soft(Math.abs(y[i] - exact), `${name}(${x[i]})`)
              .toBeLessThanOrEqual(relative * Math.abs(exact) + absolute);
          else expect.soft(y[i], `${name}(${x[i]})`).toBe(exact);
        }
      }
    });

    test("leaky relu keeps NaN and scales what is negative", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const shader = mapShader(["lib/math.wgsl"], 1, [
        "vec4f(safe_leaky_relu(a.x, 0.25), safe_leaky_relu4(a, 0.25).yzw)",
      ]);
      const x = Float32Array.from([-4, -8, 3, Number.NaN, Number.NaN, 0, 7, -1]);
      const [, y] = await runShader(device!, shader, [x, new Float32Array(8)], 1);
      expect([...y]).toEqual([-1, -2, 3, Number.NaN, Number.NaN, 0, 7, -0.25]);
    });

    test("finiteness is told by the bits", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const shader = mapShader(["lib/math.wgsl"], 1, [
        "select(vec4f(0.0), vec4f(1.0), vec4<bool>(is_finite_bits(a.x), is_finite_bits(a.y), is_finite_bits(a.z), is_finite_bits(a.w)))",
      ]);
      const x = Float32Array.from([Number.NaN, -Infinity, 3.4e38, 0, 1e-45, -1, Infinity, Number.NaN]);
      const [, y] = await runShader(device!, shader, [x, new Float32Array(8)], 1);
      expect([...y]).toEqual([0, 0, 1, 1, 1, 1, 0, 0]);
    });

    test("sine and cosine of turns are exact at the quarters and within 2e-7 between", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const part = (name: "x" | "y") =>
        `vec4f(${["x", "y", "z", "w"].map((k) => `safe_sincos_turns(a.${k}).${name}`)})`;
      const count = 1 << 14;
      const turns = Float32Array.from({ length: count }, (_, i) => i / count);
      turns[count - 1] = 1 - 2 ** -24;
      const shader = mapShader(["lib/math.wgsl"], 1, [part("x"), part("y")]);
      const [, y] = await runShader(device!, shader, [turns, new Float32Array(2 * count)], count / 256);
      for (let i = 0; i < count; i++) {
        const [sine, cosine] = [y[i], y[count + i]];
        const angle = 2 * Math.PI * turns[i];
        const error = Math.hypot(sine - Math.sin(angle), cosine - Math.cos(angle));
        if (error > 2e-7) expect(error, `at ${turns[i]} turns`).toBeLessThanOrEqual(2e-7);
        if ((turns[i] * 4) % 1 === 0) expect(Math.abs(sine * cosine)).toBe(0);
      }
    });
  });
}
