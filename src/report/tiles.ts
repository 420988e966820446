import type { Field } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { imageTile } from "./image-tile.ts";
import { seriesTile } from "./series-tile.ts";
import type { Tile, TileSize } from "./tile.ts";
import type { Range } from "./values.ts";

/** Small images grow to about 84 pixels, 28 x 28 to three times their size; those up to 256 are shown as they are. */
export const COMFORTABLE: TileSize = { side: 84, largest: 256, stretch: 2.5 };

/** Whether examples of a field can be drawn: images that are grey, RGB or RGBA, and series. */
export function isDrawable({ kind, shape }: Field): boolean {
  if (shape.some((extent) => extent < 1)) return false;
  if (kind === "image") return shape.length === 3 && [1, 3, 4].includes(shape[2]);
  return kind === "series" && (shape.length === 1 || shape.length === 2);
}

/** The tile of a field. Throws `usage` where the field's examples cannot be drawn. */
export function tileOf(field: Field, range: Range, size: TileSize = COMFORTABLE): Tile {
  if (!isDrawable(field)) {
    const what = `of kind "${field.kind}" and shape [${field.shape.join(", ")}]`;
    throw new ReparamError(
      "usage",
      `Examples ${what} cannot be drawn: pictures show images with 1, 3 or 4 channels, and series.`,
    );
  }
  const { side, stretch } = size;
  if (field.kind === "image") return imageTile(field.shape, range, size);
  return seriesTile(field.shape, range, { width: Math.round(side * stretch), height: Math.round(side) });
}
