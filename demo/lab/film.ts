import { drawPictures, type Look } from "../drawing/picture.ts";
import { wayBetween } from "./hold.ts";
import type { Answers } from "./state.ts";

/** Pictures of a film, there and back, and so many a second. */
const [FRAMES, RATE] = [50, 25];
/** Side of the film, and of a picture of the strip, in pixels. */
const SIDE = 224;

/** Pictures side by side as a PNG, large enough to be looked at. */
export async function stripOf(pictures: Float32Array, columns: number, look: Look): Promise<Blob> {
  const canvas = document.createElement("canvas");
  drawPictures(canvas, pictures, columns, look);
  const times = Math.max(1, Math.floor(SIDE / 2 / canvas.height));
  const scaled = document.createElement("canvas");
  [scaled.width, scaled.height] = [times * canvas.width, times * canvas.height];
  const context = scaled.getContext("2d")!;
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, scaled.width, scaled.height);
  return new Promise((resolve) => scaled.toBlob((blob) => resolve(blob!), "image/png"));
}

/** The way from one code to another and back as a WebM, four seconds long: recorded as it is played. */
export async function filmOf(model: Answers, a: Float32Array, b: Float32Array, look: Look): Promise<Blob> {
  const pictures = await model.decode(wayBetween(a, b, FRAMES));
  const size = pictures.length / FRAMES;
  const small = document.createElement("canvas");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SIDE, SIDE];
  const context = canvas.getContext("2d")!;
  const paint = (frame: number) => {
    drawPictures(small, pictures.subarray(frame * size, (frame + 1) * size), 1, look);
    context.drawImage(small, 0, 0, SIDE, SIDE);
  };
  paint(0);
  const recorder = new MediaRecorder(canvas.captureStream(RATE), { mimeType: "video/webm" });
  const parts: Blob[] = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
  recorder.start();
  for (let k = 0; k < 2 * FRAMES; k++) {
    paint(k < FRAMES ? k : 2 * FRAMES - 1 - k);
    await new Promise((resolve) => setTimeout(resolve, 1000 / RATE));
  }
  recorder.stop();
  await stopped;
  return new Blob(parts, { type: "video/webm" });
}
