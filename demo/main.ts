// Live training with the public API alone: what a web app would write.
import { type Device, digitsInSlices, type FieldValues, fit, type Run, requestDevice, vae } from "../src/index.ts";
import { drawCurve, drawImages } from "./draw.ts";

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const status = element("status");
const toggle = element<HTMLButtonElement>("toggle");
const controls = element<HTMLFormElement>("controls");
const canvas = (id: string) => element<HTMLCanvasElement>(id);

/** Pictures are drawn anew at most so often. */
const PICTURE_MILLISECONDS = 1500;
/** And what the pointer is on, so often. */
const WALK_MILLISECONDS = 100;
const SHOWN = 10;
/** The latent plane is shown within this distance of its middle: nearly all of the prior. */
const EDGE = 3;

/** Bytes as values. */
const valuesOf = (bytes: FieldValues) => Float32Array.from(bytes, (byte) => byte / 255);
const data = await digitsInSlices({
  trainCount: 20_000,
  testCount: 2_000,
  onProgress: (done, total) => {
    status.textContent = `Drawing ${total} digits: ${Math.floor((100 * done) / total)} %`;
  },
});
const originals = data.test.values.x.subarray(0, SHOWN * 784);
let device: Device;
let run: Run | undefined;
let training = false;
let stop = new AbortController();

try {
  device = await requestDevice();
  const { description, vendor, architecture, fallback } = device.adapter;
  status.textContent = `Ready on ${description || `${vendor} ${architecture}`}${fallback ? " (software: expect patience)" : ""}.`;
  toggle.disabled = false;
} catch (error) {
  status.textContent = (error as Error).message;
}

controls.addEventListener("submit", (event) => {
  event.preventDefault();
  if (training) stop.abort();
  else void train();
});

async function train(): Promise<void> {
  await run?.dispose();
  const form = new FormData(controls);
  const latent = Number(form.get("latent"));
  const model = vae({ input: [28, 28, 1], hidden: [Number(form.get("hidden"))], latent });
  const losses: number[] = [];
  const started = performance.now();
  toggle.textContent = "Stop";
  element("walk").hidden = latent !== 2;
  stop = new AbortController();
  training = true;
  run = fit(device, model, data, {
    epochs: Number(form.get("epochs")),
    seed: Date.now() >>> 0,
    signal: stop.signal,
    onStep: (step, loss) => {
      losses.push(loss);
      const rate = step / ((performance.now() - started) / 1000);
      status.textContent = `Step ${step}, loss ${loss.toFixed(1)}, ${rate.toFixed(rate < 10 ? 1 : 0)} steps/s.`;
    },
  });
  void showPictures(run, losses);
  try {
    for await (const { epoch, test } of run) {
      status.textContent = `Epoch ${epoch}: test loss ${test.loss.toFixed(2)} nats an image.`;
    }
    status.textContent = `${stop.signal.aborted ? "Stopped" : "Done"}. ${status.textContent}`;
  } catch (error) {
    status.textContent = (error as Error).message;
  }
  training = false;
  toggle.textContent = "Train";
}

/** Redraws everything now and then while a run is the current one: its model can be explored after training, too. */
async function showPictures(current: Run, losses: readonly number[]): Promise<void> {
  const plane = canvas("latent");
  const walks = !element("walk").hidden;
  let pointed = [0, 0];
  plane.onpointermove = ({ offsetX, offsetY }) => {
    pointed = [(2 * offsetX) / plane.clientWidth - 1, 1 - (2 * offsetY) / plane.clientHeight];
  };
  let drawn = Number.NEGATIVE_INFINITY;
  let drawnStep = -1;
  while (run === current) {
    try {
      if (losses.length !== drawnStep && performance.now() - drawn > PICTURE_MILLISECONDS) {
        drawn = performance.now();
        drawnStep = losses.length;
        drawCurve(canvas("losses"), losses);
        drawImages(canvas("samples"), await current.sample(64), 8);
        const reconstructions = await current.reconstruct(originals);
        drawImages(canvas("reconstructions"), Float32Array.of(...valuesOf(originals), ...reconstructions), SHOWN);
      }
      if (walks) {
        drawImages(plane, await current.decode(Float32Array.from(pointed, (coordinate) => EDGE * coordinate)), 1);
      }
    } catch {
      return; // the run has failed or gone; what went wrong is shown by the loop over epochs
    }
    await new Promise((resolve) => setTimeout(resolve, WALK_MILLISECONDS));
  }
}
