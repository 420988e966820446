// Makes the pictures of the docs anew: each preset is trained as its row says, and one picture of its run is kept.
//   npm run build && node tests/pictures/make.mjs            all of them
//   node tests/pictures/make.mjs gan cvae                    some of them, or another preset as it is
// Takes minutes a preset without a GPU, in Node by Dawn (`npm install webgpu`).
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeNpy } from "../../dist/formats/npy.js";

const RECONSTRUCTIONS = "reconstructions.png";
const SAMPLES = "samples.png";

/** Convolutions are quicker on the adapter of Chromium, where there is no GPU. */
const IN_CHROMIUM = ["--host", "chromium"];
/** Half the channels and small batches: many steps for little work, and digits all the same. */
const NARROW = [
  "model.channels=[16,32]",
  "training.batchSize=32",
  "training.optimizer.learningRate=0.002",
  "data.testCount=1000",
].flatMap((setting) => ["--set", setting]);
const FEW = ["--set", "data.trainCount=10000"];

/**
 * What each preset is trained with, and which of its pictures is kept, or how `sample` draws one: by itself the samples, and
 * where a model draws none, the reconstructions.
 */
const pictures = {
  aae: { flags: ["--epochs", "14", "--set", "data.trainCount=16000"] },
  ae: { picture: RECONSTRUCTIONS },
  "beta-tc-vae": { drawn: ["--from", "traversal", "--row", "3"], flags: ["--epochs", "10", ...FEW] },
  "contractive-ae": { picture: RECONSTRUCTIONS, flags: ["--epochs", "8", "--set", "data.trainCount=16000"] },
  "conv-ae": { picture: RECONSTRUCTIONS, flags: ["--epochs", "4", ...FEW, ...IN_CHROMIUM] },
  "conv-denoising-ae": { picture: RECONSTRUCTIONS, flags: ["--epochs", "6", ...FEW, ...NARROW, ...IN_CHROMIUM] },
  "conv-vae": {
    flags: ["--set", "model.latent=8", "--set", "model.dense=64", "--epochs", "6", ...FEW, ...NARROW, ...IN_CHROMIUM],
  },
  cvae: { flags: ["--epochs", "15", "--set", "data.trainCount=20000"] },
  "denoising-ae": { picture: RECONSTRUCTIONS },
  "ecg-ae": {
    picture: "scores.png",
    data: heartbeats,
    flags: ["--set", "data.kind=series", "--set", "data.trainClass=1"],
  },
  "expression-vae": { picture: "latent.png", flags: ["--epochs", "8"] },
  "factor-vae": { drawn: ["--from", "traversal", "--row", "3"], flags: ["--epochs", "10", ...FEW] },
  "flow-vae": { flags: ["--epochs", "10", ...FEW] },
  gan: {},
  "gan-ring": { picture: "points.png" },
  iwae: { flags: ["--epochs", "10", ...FEW] },
  memoriser: { picture: RECONSTRUCTIONS, flags: ["--epochs", "400", "--set", "data.trainCount=40"] },
  rae: { drawn: ["--from", "mixture"], flags: ["--epochs", "8", "--set", "data.trainCount=16000"] },
  "semantic-hashing": { picture: RECONSTRUCTIONS, flags: ["--epochs", "10", "--set", "data.trainCount=16000"] },
  "sliced-wae": { flags: ["--epochs", "10", "--set", "data.trainCount=16000"] },
  "sparse-ae": { picture: RECONSTRUCTIONS, flags: ["--epochs", "6", "--set", "data.trainCount=16000"] },
  "stacked-denoising-ae": { picture: RECONSTRUCTIONS, flags: ["--epochs", "8"] },
  vae: {},
  "vae-2d": { picture: "manifold.png" },
  "vampprior-vae": { flags: ["--epochs", "10", ...FEW] },
  "vq-vae": { picture: RECONSTRUCTIONS, flags: ["--epochs", "10", "--set", "data.trainCount=16000"] },
  wae: { flags: ["--epochs", "10", "--set", "data.trainCount=16000"] },
};

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "reparam-pictures-"));
const wanted = process.argv.slice(2);
mkdirSync(join(root, "docs/images"), { recursive: true });
let failed = 0;
for (const preset of wanted.length > 0 ? wanted : Object.keys(pictures)) {
  const { picture, drawn, data, flags = [] } = pictures[preset] ?? {};
  const file = data?.();
  if (data && !file) {
    console.error(`${preset}: its data are not in REPARAM_DATA; its picture stays as it is.`);
    continue;
  }
  const run = join(folder, preset);
  const source = file ? ["--data", file] : [];
  let done = reparam("train", "--preset", preset, "--host", "dawn", "--out", run, ...flags, ...source);
  const inRun = (name) => join(run, name);
  if (done && drawn) done = reparam("sample", run, "--host", "dawn", "--out", inRun(SAMPLES), ...drawn);
  const made = inRun(picture ?? [SAMPLES, RECONSTRUCTIONS].find((name) => existsSync(inRun(name))) ?? SAMPLES);
  if (done && existsSync(made)) copyFileSync(made, join(root, "docs/images", `${preset}.png`));
  else {
    console.error(
      `${preset}: ${done ? `the run made no ${basename(made)}` : "a command failed"}; its picture stays as it is.`,
    );
    failed++;
  }
}
console.log(`The runs are in ${folder}.`);
process.exit(failed > 0 ? 1 : 0);

/** Runs a command to its end, and says whether it ended well. */
function reparam(...words) {
  console.log(`reparam ${words.join(" ")}`);
  return spawnSync(process.execPath, ["dist/cli/main.js", ...words], { cwd: root, stdio: "inherit" }).status === 0;
}

/** The heartbeats of ECG5000 as a table of their own, in the folder of the runs. */
function heartbeats() {
  const source = join(process.env.REPARAM_DATA ?? "", "ecg5000/ecg5000_test_4499x141_f32.npy");
  if (!existsSync(source)) return undefined;
  const { shape, data } = decodeNpy(readFileSync(source), source);
  const names = Array.from({ length: shape[1] }, (_, k) => (k === 0 ? "label" : `t${k}`));
  const rows = Array.from({ length: shape[0] }, (_, row) => data.subarray(row * shape[1], (row + 1) * shape[1]).join());
  const file = join(folder, "heartbeats.csv");
  writeFileSync(file, `${[names.join(), ...rows].join("\n")}\n`);
  return file;
}
