import { compile } from "../compiler/compile.ts";
import { ReparamError } from "../errors.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import { record } from "../gpu/commands.ts";
import type { Device } from "../gpu/device.ts";
import { withOwner } from "../gpu/owner.ts";
import { collect } from "../graph/graph.ts";
import { encodeState, STATE_BYTES } from "../kernels/state.ts";
import type { Model, Stage, Term } from "../models/model.ts";
import { type Node, sameShape } from "../node/node.ts";
import { div } from "../ops/arithmetic.ts";
import { concat, reshape } from "../ops/shape.ts";
import { createProgram } from "../runtime/program.ts";
import { batchesOf, picksFor } from "./data.ts";
import { EVALUATION_KEY, type EvaluatorOptions } from "./evaluator.ts";
import { metricName } from "./metrics.ts";
import { leafPlaces, openTerms } from "./objective.ts";
import { concatenate } from "./step-plan.ts";

/** The terms of each example of a split, in its order. */
export interface ExampleTerms {
  readonly names: readonly string[];
  /** [examples, names] */
  readonly values: Float32Array;
}

/**
 * The terms of a stage that are one number an example, for each example: what the means of an evaluation with the same `index`
 * are means of. undefined if `signal` aborted. Throws ReparamError "usage" where no term is a number of an example.
 */
export async function exampleTerms(
  device: Device,
  model: Model,
  { stage, fields, split, batch, batchSize, seed, schedules, layout, parameters, slots }: EvaluatorOptions,
  index: number,
  signal?: AbortSignal,
): Promise<ExampleTerms | undefined> {
  const graphs = termGraphs(model, stage, batchSize);
  const names = graphs.flatMap((graph) => graph.names);
  if (names.length === 0) {
    throw new ReparamError("usage", `The stage "${stage.name}" has no term that is one number an example.`);
  }
  const { profile } = device;
  const batches = batchesOf(split, batchSize);
  const values = new Float32Array(split.count * names.length);
  return withOwner(async ({ own, dispose }) => {
    const state = own(storageBuffer(device, STATE_BYTES, "example terms state", GPUBufferUsage.UNIFORM));
    const buffers = { ...split.buffers, ...batch, state, parameters };
    let column = 0;
    for (const graph of graphs) {
      const compiled = compile(graph.graph, { profile, schedules: schedules.names, leaves: leafPlaces(layout) });
      const dispatches = picksFor([graph], split.layout, { fields, batchSize, shuffle: false, profile });
      const plan = concatenate([{ dispatches, slots: [], outputs: {} }, compiled]);
      const program = own(await createProgram(device, plan, { slots, buffers }));
      for (let at = 0; at < batches && !signal?.aborted; at++) {
        const where = { batch: at, batches, examples: split.count, schedules: schedules.final };
        upload(device, state, encodeState({ seed: [seed, EVALUATION_KEY], step: index * batches + at, ...where }));
        const encoder = device.gpu.createCommandEncoder();
        record(encoder, program.encode);
        const reading = program.encodeRead(encoder, "terms");
        device.gpu.queue.submit([encoder.finish()]);
        const terms = await reading();
        const first = at * batchSize;
        for (let row = 0; row < Math.min(batchSize, split.count - first); row++) {
          for (let k = 0; k < graph.names.length; k++) {
            values[(first + row) * names.length + column + k] = terms[k * batchSize + row];
          }
        }
      }
      column += graph.names.length;
    }
    device.check();
    dispose();
    return signal?.aborted ? undefined : { names, values };
  });
}

/** Of each objective, once, the terms that are numbers of an example: output `terms`, [names, rows]. */
function termGraphs(model: Model, stage: Stage, rows: number) {
  const objectives = new Map(stage.objectives.map((objective) => [objective.name, objective]));
  return [...objectives.values()].flatMap((objective) => {
    const { opened, terms } = openTerms(model, objective, rows, { training: false });
    const numbers = terms.flatMap(([name, term]) => {
      const number = numberOfExample(term, rows);
      return number ? [[metricName(stage, objective, name), reshape(number, [1, rows])] as const] : [];
    });
    if (numbers.length === 0) return [];
    const nodes = numbers.map(([, node]) => node);
    return {
      graph: collect({ terms: concat(nodes, 0) }),
      names: numbers.map(([name]) => name),
      reads: opened.reads,
      readsIndex: opened.readsIndex(),
    };
  });
}

/** [rows]; undefined for a term of the whole batch. */
function numberOfExample(term: Term, rows: number): Node | undefined {
  const ofExamples = (node: Node) => sameShape(node.shape, [rows]);
  if (!("total" in term)) return ofExamples(term) ? term : undefined;
  return ofExamples(term.total) && ofExamples(term.count) ? div(term.total, term.count) : undefined;
}
