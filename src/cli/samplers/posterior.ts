import { posteriorCodes } from "../../codes/posterior.ts";
import { ReparamError } from "../../errors.ts";
import { pickedExamples, rowNumbers } from "./picked-examples.ts";
import { countOf, DATA_FLAGS, latentOf, repeated, type Sampler } from "./sampler.ts";

/** Codes drawn from what a variational model knows of one example. */
export const posterior: Sampler = {
  summary: "of one example (--row)",
  uses: () => ["posterior"],
  flags: ["row", "count", "label", ...DATA_FLAGS],
  async prepare(input) {
    const { saved, flags, seed } = input;
    const rows = rowNumbers(flags.row) ?? [0];
    if (rows.length > 1) throw new ReparamError("usage", "--from posterior is around one example: give one --row.");
    const picked = await pickedExamples(input, "posterior", { rows });
    const [count, latent] = [countOf(flags), latentOf(saved)];
    return {
      what: `the posterior of example ${rows[0]} of ${picked.what}`,
      count,
      labels: repeated(picked.labels, count),
      codes: async (ask) => posteriorCodes(await ask("posterior", picked), { latent, count, seed }),
    };
  },
};
