import * as families from "../../src/models/families.ts";
import type { Family } from "../../src/models/family.ts";
import { HELD_OUT, own } from "./examples.ts";
import { batchSizeOf } from "./model.ts";
import { isOwn, type Settings } from "./settings.ts";

/** What a family is called in code. */
const nameOf = (family: string): string =>
  Object.entries(families).find(([, made]) => (made as unknown as Family).statement.name === family)![0];

/** The lines that train exactly this model in an app of one's own. */
export function codeOf(settings: Settings): string {
  const { family, options, learningRate, epochs, seed, data, pictures } = settings;
  const name = nameOf(family);
  const given = Object.entries(options).map(([key, value]) => `, ${key}: ${JSON.stringify(value)}`);
  const used = [isOwn(data) ? "readDataset" : data, "fit", name, "requestDevice"].sort();
  const made = isOwn(data) ? readingOf() : `${data}({ trainCount: ${pictures}, testCount: ${HELD_OUT} })`;
  return `import { ${used.join(", ")} } from "reparam";
${isOwn(data) ? CHOOSING : ""}
const device = await requestDevice();
const data = ${made};
const model = ${name}({ data${given.join("")} });
const run = fit(device, model, data, {
  epochs: ${epochs}, batchSize: ${batchSizeOf(settings)}, learningRate: ${learningRate}, seed: ${seed},
});
for await (const { epoch, test } of run) console.log(epoch, test);
`;
}

/** Lets a person of that app choose files. */
const CHOOSING = `
const input = Object.assign(document.createElement("input"), { type: "file", multiple: true });
document.body.append(input);
await new Promise((chosen) => input.addEventListener("change", chosen));
`;

/** Reads them as the page did. */
const readingOf = (): string =>
  `await readDataset([...input.files], { missing: "drop"${own.value?.fields.x.store === "f32" ? ', scale: "unit"' : ""} })`;
