import type { Node } from "../graph/node.ts";
import type { Binding, Dispatch } from "./plan.ts";

/** A dispatch whose buffers are still nodes: memory is assigned when all of them are known. */
export interface Draft extends Omit<Dispatch, "bindings"> {
  readonly bindings: readonly { readonly node: Node | typeof STATE; readonly access: Binding["access"] }[];
}

/** Stands for the run's state buffer, `shaders/lib/state.wgsl`. */
export const STATE = "state";
