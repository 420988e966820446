import { expect, test } from "@playwright/test";
import { drawFor, type InitializerName, initializers } from "../../src/nn/initializers.ts";
import { dense, mlp } from "../../src/nn/layers.ts";

const sizes = { shape: [200, 100], fanIn: 200, fanOut: 100 };
const draw = (name: InitializerName, kind: "weight" | "bias", seed = 1) =>
  initializers[name][kind](drawFor("layer.weight", seed, sizes));

function moments(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    mean,
    deviation: Math.sqrt(variance),
    extreme: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  };
}

/** Of a uniform distribution on ±bound, of 20,000 numbers: five standard errors. */
function expectUniform(values: Float32Array, bound: number) {
  const { mean, deviation, extreme } = moments(values);
  expect(Math.abs(mean)).toBeLessThan((5 * bound) / Math.sqrt(3 * values.length));
  expect(Math.abs(deviation / (bound / Math.sqrt(3)) - 1)).toBeLessThan(5 / Math.sqrt(values.length));
  expect(extreme).toBeLessThanOrEqual(bound);
  expect(extreme).toBeGreaterThan(0.999 * bound);
}

test("PyTorch's initialiser draws weights and biases from U(±1/√fan_in)", () => {
  expectUniform(draw("pytorch", "weight"), 1 / Math.sqrt(200));
  expectUniform(draw("pytorch", "bias"), 1 / Math.sqrt(200));
});

test("Glorot's initialiser draws weights from U(±√(6 / (fan_in + fan_out))) and starts biases at 0", () => {
  expectUniform(draw("glorot", "weight"), Math.sqrt(6 / 300));
  expect(draw("glorot", "bias").every((value) => value === 0)).toBe(true);
});

test("He's initialiser draws weights from N(0, 2 / fan_in) and starts biases at 0", () => {
  const { mean, deviation, extreme } = moments(draw("he", "weight"));
  expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(0.01 / 20_000));
  expect(Math.abs(deviation / 0.1 - 1)).toBeLessThan(5 / Math.sqrt(2 * 20_000));
  expect(extreme).toBeGreaterThan(0.3);
  expect(draw("he", "bias").every((value) => value === 0)).toBe(true);
});

test("initial values are a function of seed and name, and differ between either", () => {
  const weights = (name: string, seed: number) => dense(name, 5, 3, "pytorch").parameters[0].initialize(seed);
  expect(weights("a", 1)).toEqual(weights("a", 1));
  expect(weights("a", 1)).not.toEqual(weights("a", 2));
  expect(weights("a", 1)).not.toEqual(weights("b", 1));
  const [weight, bias] = dense("a", 3, 3, "pytorch").parameters;
  expect(weight.initialize(1).slice(0, 3)).not.toEqual(bias.initialize(1));
});

test("an MLP has a layer for each hidden width and one named out, weights [in, out]", () => {
  const { parameters } = mlp("encoder", {
    inputs: 7,
    hidden: [5, 3],
    outputs: 2,
    activation: "relu",
    initializer: "he",
  });
  expect(parameters.map(({ name, shape }) => [name, ...shape])).toEqual([
    ["encoder.0.weight", 7, 5],
    ["encoder.0.bias", 5],
    ["encoder.1.weight", 5, 3],
    ["encoder.1.bias", 3],
    ["encoder.out.weight", 3, 2],
    ["encoder.out.bias", 2],
  ]);
});
