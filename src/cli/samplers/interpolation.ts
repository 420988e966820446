import { interpolatedCodes, interpolatedPosteriors, pathNames } from "../../codes/interpolation.ts";
import { posteriorCodes } from "../../codes/posterior.ts";
import { ReparamError } from "../../errors.ts";
import { oneWord } from "../use-flags.ts";
import { pickedExamples, rowNumbers } from "./picked-examples.ts";
import { DATA_FLAGS, latentOf, repeated, type Sampler, stepsOf } from "./sampler.ts";

/** Pairs of examples where --row names none. */
const PAIRS = 8;

/** Ways from the code of one example to that of another, a row each. */
export const interpolation: Sampler = {
  summary: "from one example to another (--row 3,8)",
  uses: ({ spread }) => [spread ? "posterior" : "encode"],
  flags: ["row", "steps", "path", "spread", "label", ...DATA_FLAGS],
  async prepare(input) {
    const { saved, flags, seed } = input;
    const use = flags.spread ? "posterior" : "encode";
    const steps = stepsOf(flags);
    const path = oneWord("--path", flags.path ?? "linear", pathNames);
    const rows = rowNumbers(flags.row);
    if (rows && rows.length % 2 !== 0) {
      throw new ReparamError("usage", "--from interpolation is between pairs of examples: --row 3,8 or --row 3,8,1,4.");
    }
    const picked = await pickedExamples(input, use, rows ? { rows } : { most: 2 * PAIRS });
    const pairs = Math.floor(picked.count / 2);
    if (pairs === 0) throw new ReparamError("data", `${picked.what} has one such example, and two are needed.`);
    const latent = latentOf(saved);
    const ends = (values: Float32Array, end: number) => {
      const size = values.length / picked.count;
      return Float32Array.from({ length: pairs * size }, (_, k) => values[k + (Math.floor(k / size) + end) * size]);
    };
    const options = { rows: pairs, steps, path };
    return {
      what: `${pairs} ${path} interpolation${pairs === 1 ? "" : "s"} between ${flags.spread ? "posteriors of " : ""}examples of ${picked.what}`,
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
        const found = await ask(use, picked);
        const [from, to] = [ends(found, 0), ends(found, 1)];
        if (!flags.spread) return interpolatedCodes(from, to, options);
        const posteriors = interpolatedPosteriors(from, to, { ...options, latent });
        return posteriorCodes(posteriors, { rows: pairs * steps, latent, seed });
      },
    };
  },
};
