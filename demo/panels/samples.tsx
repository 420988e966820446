import { useEffect, useRef } from "preact/hooks";
import { drawPictures } from "../drawing/picture.ts";
import { examples, shownLook } from "../lab/examples.ts";
import { hold } from "../lab/hold.ts";
import { samples } from "../lab/state.ts";

/** How many the model has drawn from noise. */
export const sampleCount = (): number => (samples.value ? samples.value.length / examples.value.size : 0);

/** Holds one that the model has drawn from noise. */
export function holdSample(index: number): void {
  const { size } = examples.value;
  const pixels = samples.value?.slice(index * size, (index + 1) * size);
  if (pixels?.length === size) hold({ kind: "drawing", pixels });
}

/** Pictures from noise side by side; a press takes one. */
export function Samples({ hidden }: { readonly hidden: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const columns = sampleCount() === 64 ? 8 : 10;
  useEffect(() => {
    if (canvas.current && samples.value) drawPictures(canvas.current, samples.value, columns, shownLook.value);
  });
  const press = ({ offsetX, offsetY }: { offsetX: number; offsetY: number }) => {
    const { width, height, clientWidth, clientHeight } = canvas.current!;
    // They lie in the middle of the element, as large as they fit.
    const scale = Math.min(clientWidth / width, clientHeight / height);
    const rows = Math.ceil(sampleCount() / columns);
    const column = Math.floor((((offsetX - clientWidth / 2) / scale + width / 2) / width) * columns);
    const row = Math.floor((((offsetY - clientHeight / 2) / scale + height / 2) / height) * rows);
    if (column >= 0 && column < columns && row >= 0) holdSample(row * columns + column);
  };
  return (
    <canvas
      ref={canvas}
      class="samples"
      hidden={hidden}
      aria-label="Pictures that the model draws from noise"
      onPointerDown={press}
    />
  );
}
