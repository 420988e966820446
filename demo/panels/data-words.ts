import type { Field } from "../../src/data/dataset.ts";
import { fieldSize } from "../../src/data/dataset.ts";
import { grouped } from "../drawing/words.ts";

/** Of fewer training examples a model learns each by heart. */
const FEW = 200;

/** "48 × 32 pixels each" */
export function sizeWords(field: Field): string {
  if (field.kind !== "image") return fieldSize(field) === 1 ? "one number each" : `${fieldSize(field)} numbers each`;
  const [height, width] = field.shape;
  return `${width} × ${height} pixels each`;
}

/** How many are for training, and how many are not. */
export const countWords = (train: number, heldOut: number): string =>
  `${grouped(train)} to learn from, ${grouped(heldOut)} held out.`;

/** A warning, where there are few. */
export const fewWords = (train: number): string | undefined =>
  train < FEW
    ? `${train} are so few that a model learns them by heart; from some hundreds it learns what they have in common.`
    : undefined;

/** What was done to numbers of any range, where something was. */
export const scalingWords = ({ kind, scaling }: Field): string | undefined =>
  scaling &&
  (kind === "vector"
    ? "Each column is scaled to 0 to 1, by its least and its largest number."
    : "All numbers are scaled to 0 to 1, by the least and the largest of them.");
