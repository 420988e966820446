import type { Model, Objective, Stage } from "../models/model.ts";
import type { Parameter } from "../nn/parameter.ts";
import type { Shape } from "../node/node.ts";
import { type ArenaLayout, arenaLayout } from "../runtime/arena.ts";

/** What an optimizer keeps of a parameter: a tensor of its shape, in each of the two arenas of moments. */
interface Moments {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * The moments of what an objective moves, in that order. They have the parameter's name; where an objective of another name
 * has moved it before in the stage, whose optimizer remembers its own gradients, a name of their own.
 */
export const momentsOf = ({ objectives }: Stage, { name: objective, moves }: Objective): Moments[] =>
  moves.map(({ name, shape }) => {
    const first = objectives.find((other) => other.moves.some((parameter) => parameter.name === name));
    return { name: first?.name === objective ? name : `${objective}/${name}`, shape };
  });

/** All moments of a model: those that every trained parameter has, and then those of its further objectives. */
export function allMoments({ parameters, stages }: Pick<Model, "parameters" | "stages">): Moments[] {
  const trained: Moments[] = parameters.filter((parameter) => parameter.trained);
  const moved = stages.flatMap((stage) => stage.objectives.flatMap((objective) => momentsOf(stage, objective)));
  return [...new Map([...trained, ...moved].map((moments) => [moments.name, moments])).values()];
}

/** Where they lie: as the parameters do in theirs, and the further ones behind. */
export function momentLayout(model: {
  readonly parameters: readonly Parameter[];
  readonly stages: Model["stages"];
}): ArenaLayout {
  const { parameters } = model;
  const own = new Set(parameters.map(({ name }) => name));
  const further = allMoments(model).filter(({ name }) => !own.has(name));
  return arenaLayout([...parameters, ...further.map((moments) => ({ ...moments, trained: false }))]);
}
