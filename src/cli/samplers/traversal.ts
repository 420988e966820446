import { traversedCodes } from "../../codes/traversal.ts";
import { parseValue } from "../../config/resolve.ts";
import { ReparamError } from "../../errors.ts";
import { checkUse } from "../check-use.ts";
import { pickedExamples, rowNumbers } from "./picked-examples.ts";
import { DATA_FLAGS, latentOf, repeated, type Sampler, stepsOf } from "./sampler.ts";

/** A code with each of its numbers moved in turn, a row each. */
export const traversal: Sampler = {
  summary: "each number of a code in turn, from −3 to 3 (--range), around zeros or an example (--row)",
  uses: () => [],
  flags: ["row", "steps", "range", "label", ...DATA_FLAGS],
  async prepare(input) {
    const { saved, flags } = input;
    const steps = stepsOf(flags);
    const [low, high] = rangeOf(flags.range ?? "-3,3");
    const rows = rowNumbers(flags.row);
    if (rows && rows.length > 1)
      throw new ReparamError("usage", "--from traversal is around one code: give one --row.");
    if (rows) checkUse(saved, "encode", "--row");
    else if (flags.label === undefined && saved.model.uses.decode.from.label) {
      const advice = "say which with --label, or an example with --row";
      throw new ReparamError("usage", `${saved.path} takes a class to decode: ${advice}.`);
    }
    const picked = rows && (await pickedExamples(input, "encode", { rows }));
    const latent = latentOf(saved);
    const count = latent * steps;
    return {
      what: `a traversal around ${picked ? `example ${picked.rows[0]} of ${picked.what}` : "a code of zeros"}`,
      count,
      labels: repeated(picked?.labels, count),
      grid: { columns: steps, rows: Array.from({ length: latent }, (_, k) => `z${subscript(k + 1)}`) },
      codes: async (ask) => {
        const code = picked ? await ask("encode", picked) : new Float32Array(latent);
        return traversedCodes(code, { steps, low, high });
      },
    };
  },
};

/** Throws ReparamError "usage" for what is no `low,high`. */
function rangeOf(text: string): readonly [number, number] {
  const ends = text.split(",").map((part) => parseValue(part.trim()));
  const [low, high] = ends;
  const fits = typeof low === "number" && typeof high === "number" && Number.isFinite(high - low) && low < high;
  if (fits && ends.length === 2) return [low, high];
  throw new ReparamError("usage", `--range must be two numbers, the lower first, such as -3,3, but it is "${text}".`);
}

const subscript = (number: number): string => [...`${number}`].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("");
