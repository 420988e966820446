import { expect, test } from "@playwright/test";
import { statements } from "../../src/config/presets.ts";
import { familyNames, statementOf } from "../../src/models/family-by-name.ts";

test("families that are loaded one by one are the families that there are", async () => {
  expect([...familyNames].sort()).toEqual(Object.keys(statements).sort());
  for (const name of familyNames) expect(await statementOf(name), name).toBe(statements[name]);
  await expect(statementOf("vea")).rejects.toThrow('There is no family "vea"; there are aae,');
  await expect(statementOf("constructor")).rejects.toThrow("There is no family");
});
