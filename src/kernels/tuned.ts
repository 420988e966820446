/** Choices for an adapter (`adapterKey`) that were measured and are shipped, by the class of a product. */
export function shippedChoices(adapter: string): Readonly<Record<string, string>> {
  return TABLES.find(({ pattern }) => pattern.test(adapter))?.choices ?? {};
}

// Only what differs from the default, and is quicker beyond the noise. Made by
//   reparam bench --tune --json
// docs/benchmarks.md says how, and on what machine.
const TABLES: readonly { readonly pattern: RegExp; readonly choices: Readonly<Record<string, string>> }[] = [];
