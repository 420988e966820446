import { useEffect, useRef } from "preact/hooks";
import { sharp } from "../drawing/canvas.ts";
import { token } from "../drawing/colours.ts";
import { examples } from "../lab/examples.ts";
import { alter } from "../lab/hold.ts";
import { inOwnUnits } from "../lab/own-units.ts";
import { heldNumbers, pulled, setNumber } from "../lab/pulled.ts";
import { signed } from "./map.tsx";
import { useSize } from "./use-size.ts";

/** So many numbers are sliders; more are a line to pull. */
const MOST_SLIDERS = 12;
/** Room above and below the line, CSS pixels. */
const MARGIN = 6;

/** Where one sets the numbers of an example that is no picture. */
export function OwnNumbers() {
  return examples.value.size <= MOST_SLIDERS ? <Sliders /> : <Line />;
}

function Sliders() {
  const { field, range } = examples.value;
  const [low, high] = range;
  const inWords = (value: number, k: number) => (field.scaling ? inOwnUnits(value, k, field.scaling) : signed(value));
  return (
    <div class="own-numbers">
      {[...heldNumbers.value].map((value, k) => (
        <label key={k} class="number">
          <span>{field.names?.[k] ?? `x${k + 1}`}</span>
          <input
            type="range"
            min={low}
            max={high}
            step="any"
            value={value}
            style={{ "--from": "0%", "--to": `${(100 * (value - low)) / (high - low || 1)}%` }}
            aria-valuetext={inWords(value, k)}
            onInput={({ currentTarget }) => setNumber(k, Number(currentTarget.value))}
          />
          <output>{inWords(value, k)}</output>
        </label>
      ))}
    </div>
  );
}

/** A line to pull: it follows the pointer, its neighbours with it. */
function Line() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pulling = useRef(false);
  useSize(canvas);
  const { range } = examples.value;
  const [low, high] = range;
  const line = heldNumbers.value;
  useEffect(() => {
    const { context, width, height } = sharp(canvas.current!);
    context.strokeStyle = token("ink");
    context.lineWidth = 2;
    context.beginPath();
    line.forEach((value, k) => {
      const x = (width * k) / Math.max(1, line.length - 1);
      const y = height - MARGIN - ((height - 2 * MARGIN) * (value - low)) / (high - low || 1);
      context.lineTo(x, y);
    });
    context.stroke();
  });
  const pull = ({ offsetX, offsetY }: PointerEvent) => {
    const { clientWidth: width, clientHeight: height } = canvas.current!;
    const place = Math.min(1, Math.max(0, offsetX / width));
    const part = Math.min(1, Math.max(0, (height - MARGIN - offsetY) / (height - 2 * MARGIN)));
    alter({ kind: "drawing", pixels: pulled(line, place, low + part * (high - low)) });
  };
  return (
    <canvas
      ref={canvas}
      class="pad line"
      aria-label="A line to pull"
      role="img"
      onPointerDown={(event) => {
        canvas.current!.setPointerCapture(event.pointerId);
        pulling.current = true;
        pull(event);
      }}
      onPointerMove={(event) => pulling.current && pull(event)}
      onPointerUp={() => {
        pulling.current = false;
      }}
      onPointerCancel={() => {
        pulling.current = false;
      }}
    />
  );
}
