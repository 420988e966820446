import type { DeviceProfile } from "../gpu/profile.ts";
import type { Launch } from "../plan/launch.ts";
import type { Epilogue, NamedProduct } from "../plan/product.ts";

// What nodes and ops are; each is made of the other.

/** The extents of a tensor, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Plain values that specialise an op; they survive JSON. */
export type Attributes = { readonly [key: string]: number | boolean | string | readonly number[] | readonly string[] };

/**
 * One value of a computation: an op applied to other nodes. Immutable; every tensor is f32, contiguous and row-major.
 * Leaves (parameters, inputs, schedules, noise) carry a `name` that identifies them: of one op and name, all are one value.
 */
export interface Node {
  readonly op: Op;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly name?: string;
}

/** What the float64 interpreter gives an op: the values of its inputs, and where the run stands. */
export interface ReferenceContext {
  readonly node: Node;
  /** 64-bit seed of the run, as two words. */
  readonly seed: readonly [number, number];
  /** Training step: the counter of every noise node. */
  readonly step: number;
}

/**
 * One coordinate of a tensor as a function of the coordinates of the loop that reads it:
 * `loop[axis] + offset`, or the constant `offset` where `axis` is -1.
 */
export interface Coordinate {
  readonly axis: number;
  readonly offset: number;
}

/** A view's input coordinates, and the output axes along which it is zero outside `[from, to)`. */
export interface ViewAccess {
  readonly coordinates: readonly Coordinate[];
  readonly guards: readonly { readonly coordinate: Coordinate; readonly from: number; readonly to: number }[];
}

/** How the compiler turns an op into kernels. */
export type Lowering =
  /** A buffer that is there before the program runs. */
  | { readonly kind: "leaf" }
  /** Read from the state buffer: a schedule's value at this step. */
  | { readonly kind: "schedule" }
  /** A number known at compile time. */
  | { readonly kind: "constant" }
  /** Random numbers, a function of (seed, stream, step, element). */
  | { readonly kind: "noise"; readonly distribution: "uniform" | "normal" }
  /** The coordinate along the attribute `axis`, as a number. */
  | { readonly kind: "iota" }
  /**
   * One WGSL expression an element. `four` is "" where the arguments are f32, and "4" where they are vec4f and
   * functions of `shaders/lib` take their vector form. `cost` is in multiply-adds.
   */
  | {
      readonly kind: "map";
      readonly cost: number;
      readonly wgsl: (args: readonly string[], attributes: Attributes, four: "" | "4") => string;
    }
  /** The same values at other coordinates: no arithmetic, so no kernel. */
  | { readonly kind: "view"; readonly access: (node: Node, at: readonly Coordinate[]) => ViewAccess }
  /** The same values in the same order under another shape. */
  | { readonly kind: "reshape" }
  /** Inputs one after another along an axis. */
  | { readonly kind: "concat" }
  | { readonly kind: "reduce"; readonly combine: "sum" | "max" }
  | ProductLowering
  /** A shader of its own, from `src/kernels`: operands and result lie in memory. */
  | { readonly kind: "kernel"; readonly launch: (node: Node, profile: DeviceProfile) => Launch };

/** A matrix product, or a convolution computed as one. */
export interface ProductLowering {
  readonly kind: "product";
  /** The number of products in each element's sum. */
  readonly depth: (node: Node) => number;
  /** From `src/kernels`: how it is computed. */
  readonly product: (node: Node, profile: DeviceProfile, epilogue?: Epilogue) => NamedProduct;
  /** Whether its sums may come in slices even where something follows on them: then nothing does in one kernel. */
  readonly alone?: boolean;
  /** The node as its kernel takes it, with the zeros around its images in memory; by default it is that already. */
  readonly padded?: (node: Node, padOnce: PadOnce) => Node;
}

/** An image with rows and columns of zeros around it: top, bottom, left, right. */
export type PadOnce = (image: Node, padding: readonly number[]) => Node;

/** An op: its shape rule, its gradient, its float64 reference and its lowering, side by side. */
export interface Op {
  readonly name: string;
  /** How many inputs it takes; concat takes any number. */
  readonly arity?: number;
  /** The result's shape; throws ReparamError "config" where the inputs do not fit. */
  shape(inputs: readonly Shape[], attributes: Attributes): Shape;
  /**
   * The gradient with respect to each input, as graph; `undefined` where there is none. `dy` has the node's shape. Where
   * an input is broadcast, a gradient may have the broadcast shape: `gradients` sums it.
   */
  gradient(node: Node, dy: Node): readonly (Node | undefined)[];
  /** Slow and obviously right, in float64. */
  reference(inputs: readonly Float64Array[], context: ReferenceContext): Float64Array;
  readonly lowering: Lowering;
}
