import { type Field, fieldSize } from "../data/dataset.ts";
import { drawExamples, type ExamplesOptions } from "./drawers/samples.ts";
import { latentScatter } from "./latent-scatter.ts";
import { isDrawable } from "./tiles.ts";

/** Whether rows of a field are points of the plane. */
export const isPoint = (field: Field | undefined): field is Field => field?.kind === "vector" && fieldSize(field) === 2;

/** Whether there is a picture of rows of a field. */
export const hasPicture = (field: Field): boolean => isDrawable(field) || isPoint(field);

export interface PictureOptions extends ExamplesOptions {
  /** What stands over points; examples side by side have no title. */
  readonly title: string;
}

/** Rows of a field, `[count, ...shape]`, as PNG: points of the plane as dots, others side by side. Throws `usage` where there is none. */
export function pictureOf(
  values: Float32Array,
  field: Field,
  { title, ...options }: PictureOptions,
): Uint8Array<ArrayBuffer> {
  if (!isPoint(field)) return drawExamples(values, field, options);
  const [xLabel, yLabel] = field.names ?? ["x₁", "x₂"];
  return latentScatter({ points: values, count: values.length / 2, title, xLabel, yLabel });
}
