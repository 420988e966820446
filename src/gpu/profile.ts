/** What the compiler has to know of a device to choose among kernels. Plain data, so that plans can be made anywhere. */
export interface DeviceProfile {
  /** A processor that emulates a GPU: few threads, no use for workgroup memory. */
  readonly software: boolean;
  /** Lanes of a subgroup where the device has subgroups of one known size, else 0. */
  readonly subgroupSize: number;
  /** Threads that a reduction should be spread over, and the least number of steps that make a thread worth it. */
  readonly reductionThreads: number;
  readonly reductionSteps: number;
}
