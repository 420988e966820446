import { covarianceNames, gaussianMixture, mixtureCodes } from "../../codes/gaussian-mixture.ts";
import { ReparamError } from "../../errors.ts";
import { loadExamples } from "../examples.ts";
import { oneWord, wholeNumber } from "../use-flags.ts";
import { countOf, DATA_FLAGS, type Sampler } from "./sampler.ts";

/** Codes drawn from a Gaussian mixture that is fitted to the codes of examples, so that a model without a prior draws, too. */
export const mixture: Sampler = {
  summary: "a Gaussian mixture (--components) fitted to the codes of the training examples",
  uses: () => ["encode"],
  flags: ["components", "covariance", "count", "label", ...DATA_FLAGS],
  async prepare({ saved, data, flags, seed, services }) {
    const components = wholeNumber("--components", flags.components ?? "10", 1, 1000);
    const covariance = oneWord("--covariance", flags.covariance ?? "full", covarianceNames);
    const reads = Object.keys(saved.model.uses.encode.from);
    const asked = { split: flags.split ?? "train", count: null, reads };
    const { name, fields, examples } = await loadExamples(saved, data, asked, services);
    const { count: rows, values } = examples;
    if (rows < components) {
      throw new ReparamError("usage", `--components ${components} are more than the ${rows} examples of ${name}.`);
    }
    const inputs = Object.fromEntries(reads.map((key) => [key, values[key]]));
    const count = countOf(flags);
    return {
      what: `a mixture of ${components} fitted to the codes of ${rows} examples of ${name}`,
      count,
      codes: async (ask) => {
        const codes = await ask("encode", { count: rows, fields, inputs });
        return mixtureCodes(gaussianMixture(codes, { rows, components, covariance, seed }), count, { seed });
      },
    };
  },
};
