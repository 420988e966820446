import { type Canvas, type Color, type Point, strokePaths } from "./canvas.ts";
import { glyphOf } from "./glyphs.ts";

/** How a text looks; `size` is the height of its capitals in pixels. */
export interface TextStyle {
  readonly size: number;
  readonly color: Color;
  readonly bold?: boolean;
  /** What of the text lies at the given point; the left end when not given. */
  readonly align?: "left" | "center" | "right";
  /** Turned by a quarter to the left: the text runs upwards. */
  readonly upwards?: boolean;
}

/** Space between two letters, in tenths of a capital's height; strokes reach half their width into it. */
const LETTER_GAP = 2.3;
const CURVE_STEPS = 8;

/** The width of a text in pixels, between the outermost strokes' centres. */
export function measureText(text: string, size: number): number {
  const glyphs = [...text].map(glyphOf);
  const units = glyphs.reduce((sum, { width }) => sum + width + LETTER_GAP, -LETTER_GAP);
  return Math.max(0, (units * size) / 10);
}

/** The text, or its beginning and an ellipsis where it is wider than `width` pixels. */
export function fitText(text: string, size: number, width: number): string {
  if (measureText(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 0 && measureText(`${characters.join("")}…`, size) > width) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}

/** Draws one line of text with its baseline at `y` (at `x` when it runs upwards). */
export function drawText(canvas: Canvas, text: string, [x, y]: Point, style: TextStyle): void {
  const { size, color, bold = false, align = "left", upwards = false } = style;
  const unit = size / 10;
  const width = measureText(text, size);
  // On a whole pixel the stems of equal letters look equal.
  let along = Math.round(align === "left" ? 0 : align === "right" ? -width : -width / 2);
  for (const character of text) {
    const { width, strokes, scale, drop } = glyphOf(character);
    const place = (gx: number, gy: number): Point => {
      const [right, down] = [along + gx * scale * unit, (gy * scale + drop - 10) * unit];
      return upwards ? [x + down, y - right] : [x + right, y + down];
    };
    // Strokes are 1.1 units wide, like the regular weight of a text face; bold is half as wide again.
    strokePaths(canvas, tracePaths(strokes, place), Math.max(1.2, (bold ? 1.65 : 1.1) * unit), color);
    along += (width + LETTER_GAP) * unit;
  }
}

/** Turns the strokes of a glyph (see glyphs.ts) into polylines. */
function tracePaths(strokes: string, place: (x: number, y: number) => Point): Point[][] {
  const paths: Point[][] = [];
  let [x, y] = [0, 0];
  for (const [, command, values] of strokes.matchAll(/([MLQDhv])([^MLQDhv]*)/g)) {
    const numbers = values!.trim().split(/\s+/).map(Number);
    const [endX, endY] = numbers.slice(-2) as [number, number];
    if (command === "M" || command === "D") {
      // A dot is a little wider than a stroke, or it would look fainter.
      paths.push(command === "M" ? [place(endX, endY)] : [place(endX - 0.15, endY), place(endX + 0.15, endY)]);
    } else {
      const steps = command === "L" ? 1 : CURVE_STEPS;
      for (let step = 1; step <= steps; step++) {
        const t = step / steps;
        const sine = Math.sin((t * Math.PI) / 2);
        const rest = 1 - Math.cos((t * Math.PI) / 2);
        if (command === "L") paths.at(-1)!.push(place(endX, endY));
        else if (command === "h") paths.at(-1)!.push(place(x + (endX - x) * sine, y + (endY - y) * rest));
        else if (command === "v") paths.at(-1)!.push(place(x + (endX - x) * rest, y + (endY - y) * sine));
        else {
          const [controlX, controlY] = numbers as [number, number];
          const mix = (a: number, b: number, c: number) => (1 - t) * (1 - t) * a + 2 * t * (1 - t) * b + t * t * c;
          paths.at(-1)!.push(place(mix(x, controlX, endX), mix(y, controlY, endY)));
        }
      }
    }
    [x, y] = [endX, endY];
  }
  return paths;
}
