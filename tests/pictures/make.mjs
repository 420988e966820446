// Makes the pictures of the docs anew: each preset is trained as its row says, and one picture of its run is kept.
//   npm run build && node tests/pictures/make.mjs            all of them
//   node tests/pictures/make.mjs gan cvae                    some of them
// Takes minutes a preset without a GPU, in Node by Dawn (`npm install webgpu`).
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const RECONSTRUCTIONS = "reconstructions.png";
const SAMPLES = "samples.png";

/** What each preset is trained with, and which of its pictures is kept. */
const pictures = {
  ae: { picture: RECONSTRUCTIONS },
  "denoising-ae": { picture: RECONSTRUCTIONS },
  "stacked-denoising-ae": { picture: RECONSTRUCTIONS, flags: ["--epochs", "8"] },
  vae: { picture: SAMPLES },
  "vae-2d": { picture: "manifold.png" },
  "conv-vae": { picture: SAMPLES, flags: ["--set", "model.latent=16", "--epochs", "4"] },
  cvae: { picture: SAMPLES, flags: ["--epochs", "15", "--set", "data.trainCount=20000"] },
  gan: { picture: SAMPLES },
  "gan-ring": { picture: "points.png", flags: ["--data", "ring"] },
  aae: { picture: SAMPLES, flags: ["--epochs", "14", "--set", "data.trainCount=16000"] },
  wae: { picture: SAMPLES, flags: ["--epochs", "10", "--set", "data.trainCount=16000"] },
  "sparse-ae": { picture: RECONSTRUCTIONS, flags: ["--epochs", "6", "--set", "data.trainCount=16000"] },
  "contractive-ae": { picture: RECONSTRUCTIONS, flags: ["--epochs", "8", "--set", "data.trainCount=16000"] },
  rae: { picture: RECONSTRUCTIONS, flags: ["--epochs", "8", "--set", "data.trainCount=16000"] },
  "semantic-hashing": { picture: RECONSTRUCTIONS, flags: ["--epochs", "10", "--set", "data.trainCount=16000"] },
  "vq-vae": { picture: RECONSTRUCTIONS, flags: ["--epochs", "10", "--set", "data.trainCount=16000"] },
};

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "reparam-pictures-"));
const wanted = process.argv.slice(2);
const strangers = wanted.filter((preset) => !Object.hasOwn(pictures, preset));
if (strangers.length > 0) {
  console.error(`There is no picture of ${strangers.join(", ")}; there are ${Object.keys(pictures).join(", ")}.`);
  process.exit(2);
}
mkdirSync(join(root, "docs/images"), { recursive: true });
let failed = 0;
for (const [preset, { picture, flags = [] }] of Object.entries(pictures)) {
  if (wanted.length > 0 && !wanted.includes(preset)) continue;
  const run = join(folder, preset);
  const command = ["dist/cli/main.js", "train", "--preset", preset, "--host", "dawn", "--out", run, ...flags];
  console.log(`node ${command.join(" ")}`);
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" });
  const made = join(run, picture);
  if (status === 0 && existsSync(made)) copyFileSync(made, join(root, "docs/images", `${preset}.png`));
  else {
    console.error(
      `${preset}: ${status === 0 ? `the run made no ${picture}` : "the run failed"}; its picture stays as it is.`,
    );
    failed++;
  }
}
console.log(`The runs are in ${folder}.`);
process.exit(failed > 0 ? 1 : 0);
