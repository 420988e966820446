/** Choices for an adapter (`adapterKey`) that were measured and are shipped, by the class of a product. */
export function shippedChoices(adapter: string): Readonly<Record<string, string>> {
  return TABLES.find(({ pattern }) => pattern.test(adapter))?.choices ?? {};
}

interface Table {
  readonly pattern: RegExp;
  readonly choices: Readonly<Record<string, string>>;
}

// Written by ship-tuned.mjs from `reparam bench --tune --json`; docs/benchmarks.md says on what machine.
const TABLES: readonly Table[] = [
  // begin /swiftshader/i
  {
    pattern: /swiftshader/i,
    choices: {
      "conv/input_gradient 32768x512x32": "subgroup 4",
      "matmul NN 128x1024x512": "subgroup 4",
      "matmul NN 128x512x1024": "subgroup 4",
      "matmul TN 2x128x4096 A by element in slices": "general 16",
    },
  },
  // end /swiftshader/i
  // begin /llvmpipe.*(128|256).bits/i
  {
    pattern: /llvmpipe.*(128|256).bits/i,
    choices: {
      "conv/forward 32768x8x32 A by element": "subgroup 16",
      "matmul NN 128x2x4096 A by element": "subgroup 16",
      "matmul NT 128x16x4096 in slices": "subgroup 16",
      "matmul TN 16x128x512 in slices": "subgroup 16",
      "matmul TN 2x128x4096 A by element in slices": "general 16",
    },
  },
  // end /llvmpipe.*(128|256).bits/i
];
