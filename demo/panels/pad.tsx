import { useEffect, useRef } from "preact/hooks";
import { token } from "../drawing/colours.ts";
import { imageOf, pageInk, proportionsOf } from "../drawing/picture.ts";
import { exampleAt, examples, shownData, shownLook } from "../lab/examples.ts";
import { alter, hold, nudge } from "../lab/hold.ts";
import { BEGINNING } from "../lab/settings.ts";
import { held } from "../lab/state.ts";

/** Width of the pen, and of the box that drawings of digits fill, as the digits do: parts of a picture's side. */
const [PEN, BOX] = [2.6 / 28, 20 / 28];
/** Pixels of the pad. */
const SIDE = 224;

/** Strokes, in parts of a picture's longer side, as an example of the data, where that is a picture; digits are centred as the data are. */
function exampleOfStrokes(strokes: readonly (readonly (readonly [number, number])[])[]): Float32Array {
  const [height, width, channels] = examples.value.field.shape;
  const values = new Float32Array(height * width * channels);
  const points = strokes.flat();
  if (points.length === 0) return values;
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.scale(Math.max(width, height), Math.max(width, height));
  context.lineWidth = PEN;
  if (shownData.value === BEGINNING.data) {
    const scale = Math.min(BOX / Math.max(right - left, bottom - top, 0.05), 3);
    context.translate(0.5, 0.5);
    context.scale(scale, scale);
    context.lineWidth = PEN / scale;
    context.translate(-(left + right) / 2, -(top + bottom) / 2);
  }
  for (const stroke of strokes) trace(context, stroke);
  const { data } = context.getImageData(0, 0, width, height);
  for (let k = 0; k < values.length; k++) values[k] = data[4 * Math.floor(k / channels) + 3] / 255;
  return values;
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

/** What the pad shows as pixels: an example, or a drawing that was moved or inverted and so has no strokes. */
function heldPicturePixels(stroked: boolean): Float32Array | undefined {
  const what = held.value;
  if (what?.kind === "example") return exampleAt(what.index);
  return what?.kind === "drawing" && !stroked ? what.pixels : undefined;
}

const MOVES: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Where one draws; it shows whatever is held. */
export function Pad() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const strokes = useRef<(readonly [number, number])[][]>([]);
  const drawing = useRef(false);
  const drawn = useRef<Float32Array | undefined>(undefined);
  held.value; // what is held is painted anew
  useEffect(() => {
    // Strokes are of the drawing that they made, and of no other. The pen may have moved on since this was asked for.
    const what = held.peek();
    if (!drawing.current && (what?.kind !== "drawing" || what.pixels !== drawn.current)) strokes.current = [];
    paint();
  });

  function paint(): void {
    const target = canvas.current!;
    const [width, height] = proportionsOf(shownLook.value).map((part) => Math.max(1, Math.round(SIDE * part)));
    if (target.width !== width || target.height !== height) Object.assign(target, { width, height });
    const context = target.getContext("2d")!;
    context.clearRect(0, 0, width, height);
    const pixels = heldPicturePixels(strokes.current.length > 0);
    if (pixels) {
      const image = imageOf(pixels, 1, shownLook.value, pageInk());
      const small = new OffscreenCanvas(image.width, image.height);
      small.getContext("2d")!.putImageData(image, 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(small, 0, 0, width, height);
      return;
    }
    context.strokeStyle = token("ink");
    context.lineCap = "round";
    context.lineJoin = "round";
    context.save();
    context.scale(SIDE, SIDE);
    context.lineWidth = PEN;
    for (const stroke of strokes.current) trace(context, stroke);
    context.restore();
  }

  const at = (event: PointerEvent): readonly [number, number] => {
    const box = canvas.current!.getBoundingClientRect();
    const [width, height] = proportionsOf(shownLook.value);
    return [(width * event.offsetX) / box.width, (height * event.offsetY) / box.height];
  };
  const show = (keep: typeof hold) => {
    paint();
    drawn.current = exampleOfStrokes(strokes.current);
    keep({ kind: "drawing", pixels: drawn.current });
  };
  const [across, down] = proportionsOf(shownLook.value);
  return (
    <div class="pad-box">
      <canvas
        ref={canvas}
        class="pad"
        style={{ width: `${100 * across}%`, aspectRatio: `${across} / ${down}` }}
        aria-label="Draw here: arrow keys move the picture, I inverts it"
        role="img"
        tabIndex={0}
        onKeyDown={(event) => {
          const move = MOVES[event.key];
          if (!move) return;
          nudge(...move);
          event.preventDefault();
        }}
        onPointerDown={(event) => {
          if (examples.value.field.kind !== "image") return;
          canvas.current!.setPointerCapture(event.pointerId);
          drawing.current = true;
          strokes.current.push([at(event)]);
          show(strokes.current.length === 1 ? hold : alter);
        }}
        onPointerMove={(event) => {
          if (!drawing.current) return;
          strokes.current.at(-1)!.push(at(event));
          show(alter);
        }}
        onPointerUp={() => {
          drawing.current = false;
        }}
        onPointerCancel={() => {
          drawing.current = false;
        }}
      />
    </div>
  );
}
