import type { ScalarType } from "./kernel-spec.ts";

/** A buffer that a user gave. */
export interface BoundBuffer {
  readonly type: ScalarType;
  /** Scalars. */
  readonly count: number;
}

export interface ReflectedBinding {
  readonly name: string;
  readonly group: number;
  readonly binding: number;
  readonly access: "read" | "read_write" | "uniform";
  readonly bytes: number;
  /** For an array at the top level: how many elements the buffer holds. */
  readonly elements?: number;
  /** An array whose length the text leaves open. */
  readonly runtimeSized: boolean;
}

export interface ReflectedKernel {
  readonly entryPoint: string;
  readonly bindings: readonly ReflectedBinding[];
  /** Whether invocations share memory, so that barriers matter. */
  readonly workgroupMemory: boolean;
}
