import * as families from "../../src/models/families.ts";
import type { Family } from "../../src/models/family.ts";
import { BATCH } from "./lab.ts";
import type { Settings } from "./settings.ts";

/** What a family is called in code. */
const nameOf = (family: string): string =>
  Object.entries(families).find(([, made]) => (made as unknown as Family).statement.name === family)![0];

/** The lines that train exactly this model in an app of one's own. */
export function codeOf({ family, options, learningRate, epochs, seed, pictures }: Settings): string {
  const name = nameOf(family);
  const given = Object.entries(options).map(([key, value]) => `, ${key}: ${JSON.stringify(value)}`);
  return `import { digits, fit, ${name}, requestDevice } from "reparam";

const device = await requestDevice();
const data = digits({ trainCount: ${pictures}, testCount: 1000 });
const model = ${name}({ data${given.join("")} });
const run = fit(device, model, data, {
  epochs: ${epochs}, batchSize: ${BATCH}, learningRate: ${learningRate}, seed: ${seed},
});
for await (const { epoch, test } of run) console.log(epoch, test);
`;
}
