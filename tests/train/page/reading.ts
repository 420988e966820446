import { type Dataset, readDataset } from "../../../src/index.ts";

export interface Read {
  /** What the page's own canvas drew, grey of RGB: [height, width, 3]. */
  readonly drawn: number[];
  readonly png: number[];
  /** A JPEG as the browser decodes it, and as we do. */
  readonly jpeg: { readonly browser: number[]; readonly ours: number[] };
  readonly table: Pick<Dataset, "fields"> & { readonly values: number[] };
}

const SIZE = { width: 40, height: 24 };

/** Files as a page has them: read, and compared with what the browser makes of them. */
export async function readFiles(): Promise<Read> {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, SIZE);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const gradient = context.createLinearGradient(0, 0, SIZE.width, SIZE.height);
  gradient.addColorStop(0, "#204060");
  gradient.addColorStop(1, "#d0b090");
  context.fillStyle = gradient;
  context.fillRect(0, 0, SIZE.width, SIZE.height);
  const drawn = rgbOf(context);
  const fileOf = (type: string, name: string) =>
    new Promise<File>((resolve) => canvas.toBlob((blob) => resolve(new File([blob!], name, { type })), type, 0.9));
  const [png, jpeg] = [await fileOf("image/png", "a.png"), await fileOf("image/jpeg", "a.jpg")];
  context.drawImage(await createImageBitmap(jpeg), 0, 0);
  const table = await readDataset([new File(["a,b,label\n1,2,x\n3,4,y\n"], "t.csv")]);
  return {
    drawn,
    png: await pixelsOf(png),
    jpeg: { browser: rgbOf(context), ours: await pixelsOf(jpeg) },
    table: { fields: table.fields, values: [...table.train.values.x, ...table.test.values.x] },
  };
}

const rgbOf = (context: CanvasRenderingContext2D): number[] =>
  [...context.getImageData(0, 0, SIZE.width, SIZE.height).data].filter((_, i) => i % 4 < 3);

/** One is no data set, so the image is read twice. */
async function pixelsOf(file: File): Promise<number[]> {
  const { train } = await readDataset([file, new File([file], `b${file.name}`)], { channels: 3 });
  return [...train.values.x];
}
