import { Option } from "commander";
import { covarianceNames } from "../../codes/gaussian-mixture.ts";
import { pathNames } from "../../codes/interpolation.ts";
import { dataOptions } from "../use-flags.ts";
import { samplers } from "./index.ts";
import { STEPS } from "./sampler.ts";

/** Flags of `reparam sample` beside those of every use. */
export const samplerOptions = (): Option[] => [
  new Option(
    "--from <source>",
    `where codes come from: prior, class, ${Object.keys(samplers).join(", ")} (default: prior)`,
  ),
  new Option("--row <numbers>", "the example, or the pairs of examples, that codes are of"),
  new Option("--steps <n>", `codes side by side in an interpolation or a traversal (default: ${STEPS})`),
  new Option("--path <path>", `way of an interpolation: ${pathNames.join(", ")} (default: linear)`),
  new Option(
    "--spread",
    "an interpolation draws what may lie between: the posteriors' means and spreads, not means alone",
  ),
  new Option("--range <low,high>", "where a traversal begins and ends (default: -3,3)"),
  new Option("--components <n>", "normal distributions of a mixture (default: 10)"),
  new Option("--covariance <kind>", `of a mixture: ${covarianceNames.join(", ")} (default: full)`),
  ...dataOptions("test, of a mixture train"),
];

/** What there is to sample from, a line each. */
export function samplerHelp(): string {
  const sources = {
    prior: "the model's own noise",
    class: "the same, of one class (--label)",
    ...Object.fromEntries(Object.entries(samplers).map(([name, { summary }]) => [name, summary])),
  };
  const lines = Object.entries(sources).map(([name, summary]) => `  ${name.padEnd(15)}${summary}`);
  return `\nSources (--from):\n${lines.join("\n")}\n`;
}
