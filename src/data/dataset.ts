/**
 * One split of a data set: examples as bytes (0..255, scaled to 0..1 when a batch is gathered on the GPU).
 *
 * `examples` is row-major `[count, ...shape]`; `labels`, where there are any, is `[count]`.
 */
export interface Split {
  readonly count: number;
  readonly examples: Uint8Array;
  readonly labels?: Uint8Array;
}

/** A data set: the shape of one example (images are `[height, width, channels]`) and its two splits. */
export interface Dataset {
  readonly name: string;
  readonly shape: readonly number[];
  readonly train: Split;
  readonly test: Split;
}
