// Makes the model that comes with the playground: `node demo/shipped/make.mjs [train options, such as --host dawn]`, after
// `npm run build`. It is a variational autoencoder with a code of two numbers, trained on the built-in digits.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeNpy } from "../../dist/formats/npy.js";
import { decodeSafetensors, encodeSafetensors } from "../../dist/formats/safetensors.js";

/** As the page holds settings. Its layers are narrower than those that the page trains, so that it comes quickly. */
const settings = {
  family: "vae",
  options: { hidden: [96, 48], latent: 2, initializer: "glorot" },
  learningRate: 1.5e-3,
  epochs: 40,
  seed: 7,
  data: "digits",
  pictures: 12_000,
};
/** Held-out examples on the page's map. */
const HELD_OUT = 2000;

const folder = mkdtempSync(join(tmpdir(), "reparam-shipped-"));
const reparam = (...args) =>
  execFileSync(process.execPath, [fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url)), ...args], {
    stdio: "inherit",
  });
try {
  const run = join(folder, "run");
  const codes = join(folder, "codes.npy");
  const { options, learningRate, epochs, seed, pictures } = settings;
  reparam(
    ...[
      "train",
      "--preset",
      settings.family,
      "--data",
      settings.data,
      "--epochs",
      epochs,
      "--seed",
      seed,
      "--out",
      run,
    ],
    ...["--set", `data.trainCount=${pictures}`, "--set", `data.testCount=${HELD_OUT}`],
    ...["--set", `training.optimizer.learningRate=${learningRate}`],
    ...Object.entries(options).flatMap(([key, value]) => [
      "--set",
      `model.${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
    ]),
    ...process.argv.slice(2),
  );
  reparam("encode", run, "--split", "test", "--count", HELD_OUT, "--out", codes);
  const lines = readFileSync(join(run, "metrics.jsonl"), "utf8").trim().split("\n");
  const { step, test: terms } = JSON.parse(lines.at(-1));
  const { tensors } = decodeSafetensors(readFileSync(join(run, "final.safetensors")), "the trained model");
  const weights = Object.entries(tensors).filter(([name]) => name !== "state" && !name.startsWith("optimizer."));
  const kept = Object.fromEntries([...weights, ["codes", decodeNpy(readFileSync(codes), "the codes")]]);
  const halves = Object.fromEntries(
    Object.entries(kept).map(([name, { shape, data }]) => [name, { dtype: "U16", shape, data: toHalves(data) }]),
  );
  const file = encodeSafetensors(halves, {
    settings: JSON.stringify(settings),
    epoch: JSON.stringify({ step, terms }),
  });
  writeFileSync(new URL("vae-2d.safetensors", import.meta.url), file);
  console.log(`${file.length} bytes`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Numbers as the words of the nearest 16-bit floats; what is smaller than the least of them is 0. */
function toHalves(numbers) {
  return Uint16Array.from(numbers, (number) => {
    const magnitude = Math.abs(number);
    const sign = number < 0 ? 0x8000 : 0;
    const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
    const steps = Math.round(magnitude / 2 ** (exponent - 10));
    if (steps === 0) return sign;
    // 1024 steps or more are a normal number; 2048 of them are the first of the next exponent.
    return sign | (steps < 1024 ? steps : ((exponent + 15) << 10) + steps - 1024);
  });
}
