import { interpolatedCodes, pathNames } from "../../codes/interpolation.ts";
import { ReparamError } from "../../errors.ts";
import { oneWord } from "../use-flags.ts";
import { pickedExamples, rowNumbers } from "./picked-examples.ts";
import { DATA_FLAGS, latentOf, repeated, type Sampler, stepsOf } from "./sampler.ts";

/** Pairs of examples where --row names none. */
const PAIRS = 8;

/** Ways from the code of one example to that of another, a row each. */
export const interpolation: Sampler = {
  summary: "from one example to another (--row 3,8)",
  uses: ["encode"],
  flags: ["row", "steps", "path", "label", ...DATA_FLAGS],
  async prepare(input) {
    const { saved, flags } = input;
    const steps = stepsOf(flags);
    const path = oneWord("--path", flags.path ?? "linear", pathNames);
    const rows = rowNumbers(flags.row);
    if (rows && rows.length % 2 !== 0) {
      throw new ReparamError("usage", "--from interpolation is between pairs of examples: --row 3,8 or --row 3,8,1,4.");
    }
    const picked = await pickedExamples(input, "encode", rows ? { rows } : { most: 2 * PAIRS });
    const pairs = Math.floor(picked.count / 2);
    if (pairs === 0) throw new ReparamError("data", `${picked.what} has one such example, and two are needed.`);
    const latent = latentOf(saved);
    const ends = (codes: Float32Array, end: number) =>
      Float32Array.from({ length: pairs * latent }, (_, k) => codes[k + (Math.floor(k / latent) + end) * latent]);
    return {
      what: `${pairs} ${path} interpolation${pairs === 1 ? "" : "s"} between examples of ${picked.what}`,
      count: pairs * steps,
      // A row has the class of the example that it begins at.
      labels: repeated(
        picked.labels?.filter((_, k) => k % 2 === 0 && k < 2 * pairs),
        steps,
      ),
      grid: {
        columns: steps,
        rows: Array.from({ length: pairs }, (_, k) => `${picked.rows[2 * k]} → ${picked.rows[2 * k + 1]}`),
      },
      codes: async (ask) => {
        const codes = await ask("encode", picked);
        return interpolatedCodes(ends(codes, 0), ends(codes, 1), { rows: pairs, steps, path });
      },
    };
  },
};
