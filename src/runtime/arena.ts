import { type Shape, sizeOf } from "../node/node.ts";
import { BINDING_ALIGNMENT, roundUp } from "../plan/binding.ts";

/** What an arena has to know of a parameter. */
interface Tensor {
  readonly name: string;
  readonly shape: Shape;
  /** Moved by the optimizer; otherwise a running statistic. */
  readonly trained: boolean;
}

/**
 * Where each parameter lies in the flat arenas of parameters, gradients and moments. Running statistics come after all
 * that is trained; in the arena of gradients, their places hold their next values.
 */
export interface ArenaLayout<Parameter extends Tensor = Tensor> {
  readonly bytes: number;
  /** How many of the bytes, from the start, are trained. */
  readonly trainedBytes: number;
  /** Byte offset by name; a multiple of a binding's alignment. */
  readonly offsets: ReadonlyMap<string, number>;
  readonly parameters: readonly Parameter[];
}

export function arenaLayout<Parameter extends Tensor>(parameters: readonly Parameter[]): ArenaLayout<Parameter> {
  const offsets = new Map<string, number>();
  let bytes = 0;
  const place = ({ name, shape }: Tensor) => {
    offsets.set(name, bytes);
    bytes = roundUp(bytes + 4 * sizeOf(shape), BINDING_ALIGNMENT);
  };
  parameters.filter(({ trained }) => trained).forEach(place);
  const trainedBytes = bytes;
  parameters.filter(({ trained }) => !trained).forEach(place);
  return { bytes, trainedBytes, offsets, parameters };
}

/** Tensors by parameter name, laid out as an arena; the gaps are zeros. */
export function packArena<Parameter extends Tensor>(
  layout: ArenaLayout<Parameter>,
  tensorOf: (parameter: Parameter) => Float32Array,
): Float32Array {
  const arena = new Float32Array(layout.bytes / 4);
  for (const parameter of layout.parameters) arena.set(tensorOf(parameter), layout.offsets.get(parameter.name)! / 4);
  return arena;
}

/** The part of an arena that is one parameter. */
export function unpackArena(
  layout: ArenaLayout,
  arena: Float32Array,
  { name, shape }: Omit<Tensor, "trained">,
): Float32Array {
  const start = layout.offsets.get(name)! / 4;
  return arena.subarray(start, start + sizeOf(shape));
}
