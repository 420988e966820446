import { type Dataset, forgetFile, imagesOf, keepFile, keptFile, readDataset } from "../../../src/index.ts";

export interface Read {
  /** What the page's own canvas drew, grey of RGB: [height, width, 3]. */
  readonly drawn: number[];
  readonly png: number[];
  /** A JPEG as the browser decodes it, and as we do. */
  readonly jpeg: { readonly browser: number[]; readonly ours: number[] };
  readonly table: Pick<Dataset, "fields"> & { readonly values: number[] };
  /** What is drawn, from everything that a page may have it in. */
  readonly pictures: Readonly<Record<string, number[]>>;
  /** A flat picture, stretched. */
  readonly stretched: number[];
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
    ...(await readPictures(png)),
  };
}

async function readPictures(png: File): Promise<Pick<Read, "pictures" | "stretched">> {
  const bitmap = await createImageBitmap(png);
  const image = new Image();
  image.src = URL.createObjectURL(png);
  await image.decode();
  const offscreen = new OffscreenCanvas(SIZE.width, SIZE.height);
  const context = offscreen.getContext("2d")!;
  context.drawImage(bitmap, 0, 0);
  const data = context.getImageData(0, 0, SIZE.width, SIZE.height);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, SIZE);
  canvas.getContext("2d")!.drawImage(bitmap, 0, 0);
  const flat = new OffscreenCanvas(5, 3);
  const filling = flat.getContext("2d")!;
  filling.fillStyle = "rgb(10 20 30)";
  filling.fillRect(0, 0, 5, 3);
  const pictures = { ImageData: data, ImageBitmap: bitmap, image, OffscreenCanvas: offscreen, canvas };
  return {
    pictures: Object.fromEntries(Object.entries(pictures).map(([kind, one]) => [kind, [...imagesOf(one).values]])),
    stretched: [...imagesOf([flat, filling.getImageData(0, 0, 5, 3)], { width: 2, height: 2 }).values],
  };
}

/** What a page keeps is there when it is asked for, and only that. */
export async function keepAndForget(): Promise<readonly (number[] | undefined)[]> {
  const read = async () => {
    const bytes = await keptFile("run");
    return bytes && [...bytes];
  };
  const before = await read();
  await keepFile("run", Uint8Array.of(1, 2, 3));
  await keepFile("run", Uint8Array.of(4, 5));
  const kept = await read();
  await forgetFile("run");
  await forgetFile("run");
  return [before, kept, await read()];
}

const rgbOf = (context: CanvasRenderingContext2D): number[] =>
  [...context.getImageData(0, 0, SIZE.width, SIZE.height).data].filter((_, i) => i % 4 < 3);

/** One is no data set, so the image is read twice. */
async function pixelsOf(file: File): Promise<number[]> {
  const { train } = await readDataset([file, new File([file], `b${file.name}`)], { channels: 3 });
  return [...train.values.x];
}
