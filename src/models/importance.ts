import type { Pass } from "../nn/pass.ts";
import type { Node } from "../node/node.ts";
import { sub } from "../ops/arithmetic.ts";
import { reshape } from "../ops/shape.ts";
import { logsumexp } from "../ops/softmax.ts";
import { repeatRows } from "./examples.ts";

/** Codes that one call of the use `logLikelihood` draws for each example. */
export const IMPORTANCE_SAMPLES = 16;

/** The pass of a batch whose every row comes so many times. */
export const repeatedPass = (pass: Pass, times: number): Pass => ({
  ...pass,
  rows: pass.rows * times,
  weight: repeatRows(pass.weight, times),
});

/** ln of the mean of e^x over so many neighbours: [rows · times] → [rows]. */
export const logMeanExp = (x: Node, times: number): Node =>
  sub(logsumexp(reshape(x, [x.shape[0] / times, times]), 1), Math.log(times));
