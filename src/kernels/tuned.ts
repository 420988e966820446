/** Choices for an adapter (`adapterKey`) that were measured and are shipped, by the class of a product. */
export function shippedChoices(adapter: string): Readonly<Record<string, string>> {
  return TABLES.find(({ pattern }) => pattern.test(adapter))?.choices ?? {};
}

interface Table {
  readonly pattern: RegExp;
  readonly choices: Readonly<Record<string, string>>;
}

// Written by ship-tuned.mjs from `reparam bench --tune --json`; docs/benchmarks.md says on what machine.
const TABLES: readonly Table[] = [];
