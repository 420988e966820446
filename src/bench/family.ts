import type { DeviceProfile } from "../gpu/profile.ts";
import type { Graph } from "../graph/graph.ts";
import type { BenchCase } from "./case.ts";

/** What a family is asked for. */
export interface FamilyRequest {
  /** Shapes as a person writes them; the standard ones where there is none. */
  readonly shapes?: readonly string[];
  /** All variants of each kernel, the slower ones too. */
  readonly variants: boolean;
  /** The large standard shapes too. */
  readonly large: boolean;
  readonly profile: DeviceProfile;
}

/** A family of kernels that the benchmark knows by name. */
export interface Family {
  readonly summary: string;
  readonly cases: (request: FamilyRequest) => BenchCase[];
  /** Of products: the graphs of these shapes, or of the standard ones, for the tuner. */
  readonly graphs?: (shapes?: readonly string[]) => Graph[];
}
