import { useEffect, useRef } from "preact/hooks";
import { drawPictures } from "../drawing/picture.ts";

interface PictureProps {
  readonly pictures: Float32Array | undefined;
  readonly columns?: number;
  readonly label: string;
  readonly class?: string;
}

/** Pictures as a canvas; empty, and as large, while there are none. */
export function Picture({ pictures, columns = 1, label, class: name = "" }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (pictures) drawPictures(canvas.current!, pictures, columns);
    else canvas.current!.getContext("2d")!.clearRect(0, 0, 1e4, 1e4);
  });
  return (
    <canvas ref={canvas} class={`picture ${name}`} width={28 * columns} height={28} role="img" aria-label={label} />
  );
}
