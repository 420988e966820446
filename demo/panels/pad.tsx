import { useEffect, useRef } from "preact/hooks";
import { isDark, token } from "../drawing/colours.ts";
import { held, hold, PIXELS, pictureOf, SIDE } from "../lab/lab.ts";

/** Width of the pen, in pixels of a picture. */
const PEN = 2.6;
/** Drawings fill a box of so many pixels, as the data do. */
const BOX = 20;

/** The strokes of a drawing as a picture, centred as the data are: [28 · 28] in 0..1. */
function pictureOfStrokes(strokes: readonly (readonly (readonly [number, number])[])[]): Float32Array {
  const points = strokes.flat();
  const pixels = new Float32Array(PIXELS);
  if (points.length === 0) return pixels;
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min(BOX / Math.max(right - left, bottom - top, 0.05), 3 * SIDE);
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.lineWidth = PEN;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.translate(SIDE / 2, SIDE / 2);
  context.scale(scale, scale);
  context.lineWidth = PEN / scale;
  context.translate(-(left + right) / 2, -(top + bottom) / 2);
  for (const stroke of strokes) trace(context, stroke);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  for (let k = 0; k < PIXELS; k++) pixels[k] = data[4 * k + 3] / 255;
  return pixels;
}

function trace(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  stroke: readonly (readonly [number, number])[],
): void {
  context.beginPath();
  stroke.forEach(([x, y], k) => {
    if (k === 0) context.moveTo(x, y);
    context.lineTo(x + (stroke.length === 1 ? 0.001 : 0), y);
  });
  context.stroke();
}

/** Where one draws; it shows whatever is held. */
export function Pad() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const strokes = useRef<(readonly [number, number])[][]>([]);
  const drawing = useRef(false);
  const what = held.value;
  useEffect(() => {
    if (what?.kind !== "drawing") strokes.current = [];
    paint();
  });

  function paint(): void {
    const side = 28 * 8;
    const target = canvas.current!;
    if (target.width !== side) target.width = target.height = side;
    const context = target.getContext("2d")!;
    context.clearRect(0, 0, side, side);
    if (held.value?.kind === "example") {
      const pixels = pictureOf(held.value.index);
      const small = new OffscreenCanvas(SIDE, SIDE);
      const image = new ImageData(SIDE, SIDE);
      const ink = isDark() ? 240 : 22;
      for (const [k, value] of pixels.entries()) image.data.set([ink, ink, ink, 255 * value], 4 * k);
      small.getContext("2d")!.putImageData(image, 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(small, 0, 0, side, side);
      return;
    }
    context.strokeStyle = token("ink");
    context.lineCap = "round";
    context.lineJoin = "round";
    context.save();
    context.scale(side, side);
    context.lineWidth = PEN / SIDE;
    for (const stroke of strokes.current) trace(context, stroke);
    context.restore();
  }

  const at = (event: PointerEvent): readonly [number, number] => {
    const { width, height } = canvas.current!.getBoundingClientRect();
    return [event.offsetX / width, event.offsetY / height];
  };
  const show = () => {
    paint();
    hold({ kind: "drawing", pixels: pictureOfStrokes(strokes.current) });
  };
  return (
    <canvas
      ref={canvas}
      class="pad"
      aria-label="Draw here"
      role="img"
      onPointerDown={(event) => {
        canvas.current!.setPointerCapture(event.pointerId);
        if (held.value?.kind !== "drawing") strokes.current = [];
        drawing.current = true;
        strokes.current.push([at(event)]);
        show();
      }}
      onPointerMove={(event) => {
        if (!drawing.current) return;
        strokes.current.at(-1)!.push(at(event));
        show();
      }}
      onPointerUp={() => {
        drawing.current = false;
      }}
    />
  );
}
