import type { Canvas, Color } from "./canvas.ts";
import { PAPER } from "./palette.ts";
import type { Tile, TileSize } from "./tile.ts";
import type { Range } from "./values.ts";

/** Between images: lighter than a black image and darker than a white one. */
const GAP_COLOR: Color = [88, 92, 102];

/**
 * Images `[height, width, channels]`, grey, RGB or RGBA over paper. Values outside the range are as black and as white as
 * its ends, NaN is black. A pixel is a square of whole pixels; of shrunk images a pixel is the mean of a square.
 */
export function imageTile(shape: readonly number[], range: Range, { side, largest }: TileSize): Tile {
  const [height, width, channels] = shape;
  const longer = Math.max(height, width);
  const scale = Math.max(1, Math.round(side / longer));
  const shrink = Math.max(1, Math.ceil(longer / largest));
  const small = { height: Math.ceil(height / shrink), width: Math.ceil(width / shrink) };

  /** Colours of one image, `[small.height, small.width, 3]`, 0 to 255. */
  const colors = (values: Float32Array, index: number): Float64Array => {
    const image = values.subarray(index * height * width * channels, (index + 1) * height * width * channels);
    const sums = new Float64Array(small.height * small.width * 3);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = (y * width + x) * channels;
        const to = (Math.floor(y / shrink) * small.width + Math.floor(x / shrink)) * 3;
        const opacity = channels === 4 ? within(image[from + 3], range) : 1;
        const rows = Math.min(shrink, height - y + (y % shrink));
        const columns = Math.min(shrink, width - x + (x % shrink));
        for (let c = 0; c < 3; c++) {
          const value = within(image[from + (channels === 1 ? 0 : c)], range);
          sums[to + c] += (PAPER[c] + (255 * value - PAPER[c]) * opacity) / (rows * columns);
        }
      }
    }
    return sums;
  };

  const draw = (canvas: Canvas, x: number, y: number, [values]: readonly Float32Array[], index: number) => {
    const image = colors(values, index);
    for (let row = 0; row < small.height * scale; row++) {
      for (let column = 0; column < small.width * scale; column++) {
        const from = (Math.floor(row / scale) * small.width + Math.floor(column / scale)) * 3;
        const to = ((y + row) * canvas.width + x + column) * 3;
        for (let c = 0; c < 3; c++) canvas.pixels[to + c] = Math.round(image[from + c]);
      }
    }
  };
  return { width: small.width * scale, height: small.height * scale, background: GAP_COLOR, draw };
}

/** Where a value lies in a range, 0 to 1. NaN is 0. */
function within(value: number, { low, high }: Range): number {
  const share = (value - low) / (high - low);
  return share > 0 ? Math.min(share, 1) : 0;
}
