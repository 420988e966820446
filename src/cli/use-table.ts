// The commands that run a use of a trained model: a row each.

/** A command that runs one use of a trained model. */
export interface ModelCommand {
  /** The command's name is the use's. */
  readonly use: string;
  readonly summary: string;
  /** What its rows come from: noise alone, the data's examples, or codes of a file. */
  readonly rows: "noise" | "examples" | "codes";
  /** How many rows where --count does not say, of examples those of a picture; null: all there are. */
  readonly count: number | null;
  readonly out: string;
  /** What --out may end in. */
  readonly files: readonly string[];
  readonly example: string;
}

const FILES = [".npy", ".csv", ".png"];

export const modelCommands: readonly ModelCommand[] = [
  {
    use: "sample",
    summary: "draw new examples from a trained model",
    rows: "noise",
    count: 64,
    out: "samples.png",
    files: FILES,
    example: "sample last --count 64 --seed 7 --out samples.png",
  },
  {
    use: "reconstruct",
    summary: "put examples beside their reconstructions",
    rows: "examples",
    count: 32,
    out: "pairs.png",
    files: FILES,
    example: "reconstruct last --data mnist --out pairs.png",
  },
  {
    use: "encode",
    summary: "write the codes of examples as a NumPy array, or packed into few bits",
    rows: "examples",
    count: null,
    out: "codes.npy",
    files: [...FILES, ".npz"],
    example: "encode last --data mnist --split all --out codes.npz --bits 8",
  },
  {
    use: "decode",
    summary: "draw the examples that codes stand for",
    rows: "codes",
    count: null,
    out: "decoded.png",
    files: FILES,
    example: "decode last codes.npz --compare",
  },
  {
    use: "posterior",
    summary: "write mean and spread of what a code may be, for examples, as a NumPy array",
    rows: "examples",
    count: null,
    out: "posterior.npy",
    files: FILES,
    example: "posterior last --split all --out posterior.npy",
  },
  {
    use: "corrupt",
    summary: "write examples as a denoising model is given them in training",
    rows: "examples",
    count: 32,
    out: "spoilt.png",
    files: FILES,
    example: "corrupt last --count 64 --out spoilt.png",
  },
  {
    use: "classify",
    summary: "write the probability of each class for examples as a NumPy array",
    rows: "examples",
    count: null,
    out: "classes.npy",
    files: FILES,
    example: "classify last --data mnist --out classes.npy",
  },
  {
    use: "score",
    summary: "write how badly each example is redrawn: what is like nothing in the training scores high",
    rows: "examples",
    count: null,
    out: "scores.npy",
    files: FILES,
    example: "score last --data ecg.csv --split all --out scores.csv",
  },
];
