/** What the compiler has to know of a device to choose among kernels. Plain data, so that plans can be made anywhere. */
export interface DeviceProfile {
  /** A processor that emulates a GPU: few threads, no use for workgroup memory. */
  readonly software: boolean;
  /** Whether kernels may use subgroups, of at least four lanes. */
  readonly subgroups: boolean;
  /** Threads that a reduction should be spread over, and the least number of steps that make a thread worth it. */
  readonly reductionThreads: number;
  readonly reductionSteps: number;
  /** Choices for classes of products, where they are known: measured on this adapter, or pinned by a run. */
  readonly choices?: Readonly<Record<string, string>>;
}
