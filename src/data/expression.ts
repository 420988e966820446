import { checked, whole } from "../schema/constraints.ts";
import { type Dataset, labels, type Split, storeArrays, vector } from "./dataset.ts";
import { createRandom, type Random } from "./digits/random.ts";
import { drawnConstraints } from "./drawn-options.ts";
import { negativeBinomial } from "./expression/counts.ts";

/** Samples where nobody says how many. */
export const EXPRESSION = { train: 500, test: 100 } as const;
/** Its columns, factors and groups where nobody says how many. */
const STRUCTURE = { genes: 2000, factors: 8, groups: 5 };
const MOST = 100_000;
const { genes, factors, groups } = drawnConstraints;
const constraints = { seed: whole(0), trainCount: whole(1, MOST), testCount: whole(1, MOST), genes, factors, groups };

/** Logarithms of the genes' mean counts: normal around 1.5 with a standard deviation of 1. */
const BASE = { mean: 1.5, deviation: 1 };
/** How far a factor of 1 moves the logarithm of a mean, for a gene that it moves at all, and how many of them it moves. */
const LOADING = { deviation: 0.5, share: 0.3 };
/** How far groups lie apart in each factor, and how far the samples of a group. */
const SPREAD = { between: 0.8, within: 0.6 };
/** The variance of a count is m + m² / 4. */
const DISPERSION = 4;

export interface ExpressionOptions {
  /** An integer from 0 to 2^53 - 1; 0 unless given. */
  readonly seed?: number;
  /** Training samples, 500 unless given. */
  readonly trainCount?: number;
  /** Test samples, 100 unless given. */
  readonly testCount?: number;
  /** Columns of the table, 2,000 unless given. */
  readonly genes?: number;
  /** Numbers that a sample's means depend on, 8 unless given. */
  readonly factors?: number;
  /** Kinds of samples, 5 unless given. */
  readonly groups?: number;
}

/**
 * A built-in table in the manner of gene expression, made up here: each row a sample, each column ln(1 + count) of a gene. The
 * logarithms of the mean counts are a constant of each gene and a linear function of a sample's few factors, and the counts
 * are overdispersed (negative binomial).
 *
 * `x` [genes] is the table, `factors` [factors] what a model of it should find, and `label` the group, whose samples lie around a
 * point of their own. A gene and a sample depend only on the seed and their places, so a smaller table is a corner of a larger
 * one.
 *
 * @throws ReparamError "config" for an option that is not what it has to be.
 */
export function expression(options: ExpressionOptions = {}): Dataset {
  const sizes = {
    seed: 0,
    trainCount: EXPRESSION.train,
    testCount: EXPRESSION.test,
    ...STRUCTURE,
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
  for (const [name, value] of Object.entries(sizes)) {
    checked("expression", name, value, constraints[name as keyof ExpressionOptions]);
  }
  const { seed, trainCount, testCount, genes, factors, groups } = sizes;
  const random = createRandom();
  const key = [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
  const structure = { genes: genesOf(genes, factors, key, random), centers: centersOf(groups, factors, key, random) };
  return {
    name: "expression",
    fields: expressionFields(sizes),
    train: splitOf(trainCount, structure, [...key, 0], random),
    test: splitOf(testCount, structure, [...key, 1], random),
  };
}

/** What a sample of `expression` has. */
export const expressionFields = ({ genes, factors, groups } = STRUCTURE): Dataset["fields"] => ({
  x: { ...vector(genes), names: Array.from({ length: genes }, (_, k) => `gene ${k + 1}`) },
  label: labels(groups),
  factors: vector(factors),
});

/** The logarithm of a gene's mean, and what each factor adds to it. */
interface Gene {
  readonly base: number;
  readonly loadings: readonly number[];
}

function genesOf(count: number, factors: number, key: readonly number[], random: Random): Gene[] {
  return Array.from({ length: count }, (_, gene) => {
    random.restart([...key, 2, gene]);
    const base = BASE.mean + BASE.deviation * random.normal();
    const loading = () => (random.uniform() < LOADING.share ? LOADING.deviation * random.normal() : 0);
    return { base, loadings: Array.from({ length: factors }, loading) };
  });
}

function centersOf(groups: number, factors: number, key: readonly number[], random: Random): number[][] {
  return Array.from({ length: groups }, (_, group) => {
    random.restart([...key, 3, group]);
    return Array.from({ length: factors }, () => SPREAD.between * random.normal());
  });
}

function splitOf(
  count: number,
  { genes, centers }: { readonly genes: readonly Gene[]; readonly centers: readonly (readonly number[])[] },
  key: readonly number[],
  random: Random,
): Split {
  const x = new Float32Array(count * genes.length);
  const width = centers[0].length;
  const factors = new Float32Array(count * width);
  const label = new storeArrays[labels(centers.length).store](count);
  for (let row = 0; row < count; row++) {
    random.restart([...key, row]);
    label[row] = row % centers.length;
    const own = centers[label[row]].map((center) => center + SPREAD.within * random.normal());
    factors.set(own, row * width);
    genes.forEach(({ base, loadings }, gene) => {
      const mean = Math.exp(loadings.reduce((sum, loading, k) => sum + loading * own[k], base));
      x[row * genes.length + gene] = Math.log1p(negativeBinomial(mean, DISPERSION, random));
    });
  }
  return { count, values: { x, label, factors } };
}
