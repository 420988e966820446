import type { Node } from "../node/node.ts";
import type { STATE } from "../plan/binding.ts";
import type { Binding, Dispatch } from "../plan/plan.ts";

/** A dispatch whose buffers are still nodes: memory is assigned when all of them are known. */
export interface Draft extends Omit<Dispatch, "bindings"> {
  readonly bindings: readonly (Pick<Binding, "access" | "texture"> & { readonly node: Node | typeof STATE })[];
}
