import { useEffect, useRef } from "preact/hooks";
import { drawPictures, extentOf, type Look } from "../drawing/picture.ts";
import { shownLook } from "../lab/examples.ts";

interface PictureProps {
  readonly pictures: Float32Array | undefined;
  readonly columns?: number;
  /** What it is; empty where what is around it says so. */
  readonly label: string;
  readonly class?: string;
  /** How they are drawn; as those of the model that is shown, unless told. */
  readonly look?: Look;
}

/** Pictures as a canvas; empty, and as large, while there are none. */
export function Picture({ pictures, columns = 1, label, class: name = "", look = shownLook.value }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (pictures) drawPictures(canvas.current!, pictures, columns, look);
    else canvas.current!.getContext("2d")!.clearRect(0, 0, 1e4, 1e4);
  });
  const [height, width] = extentOf(look);
  return (
    <canvas
      ref={canvas}
      class={`picture ${name}`}
      width={width * columns}
      height={height}
      {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })}
    />
  );
}
