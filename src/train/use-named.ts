import { ReparamError } from "../errors.ts";
import type { Model } from "../models/model.ts";
import { nearest } from "../nearest.ts";

/** A use by its name. Throws ReparamError "usage" for one that the model does not have. */
export function useNamed({ uses }: Pick<Model, "uses">, name: string): Model["uses"][string] {
  if (Object.hasOwn(uses, name)) return uses[name];
  const known = Object.keys(uses);
  throw new ReparamError(
    "usage",
    `This model cannot ${name}; did you mean ${nearest(name, known)}? It can ${known.join(", ")}.`,
  );
}
