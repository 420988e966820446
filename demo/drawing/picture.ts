import { isDark } from "./colours.ts";

const SIDE = 28;

/** Pictures [count, 28, 28] in 0..1 as an image, side by side: ink on the well in light, light on dark in dark. */
export function imageOf(pictures: Float32Array, columns: number, transparent = false): ImageData {
  const count = pictures.length / SIDE ** 2;
  const image = new ImageData(columns * SIDE, Math.ceil(count / columns) * SIDE);
  const dark = isDark();
  const [ink, well] = dark ? [240, [34, 38, 45]] : [22, [239, 238, 234]];
  for (let k = 0; k < pictures.length; k++) {
    const picture = Math.floor(k / SIDE ** 2);
    const [y, x] = [Math.floor((k % SIDE ** 2) / SIDE), k % SIDE];
    const at = 4 * ((Math.floor(picture / columns) * SIDE + y) * image.width + (picture % columns) * SIDE + x);
    const value = Math.min(1, Math.max(0, pictures[k]));
    for (let c = 0; c < 3; c++) image.data[at + c] = transparent ? ink : well[c] + (ink - well[c]) * value;
    image.data[at + 3] = transparent ? 255 * value : 255;
  }
  return image;
}

/** Draws pictures as a grid that is the whole canvas. */
export function drawPictures(canvas: HTMLCanvasElement, pictures: Float32Array, columns: number): void {
  const image = imageOf(pictures, columns);
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d")!.putImageData(image, 0, 0);
}
