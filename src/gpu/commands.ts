/** Launches and copies on their way into a command encoder: launches between two copies share a compute pass. */
export interface Commands {
  /** The pass for a launch. */
  pass(): GPUComputePassEncoder;
  /** The encoder for a copy, which ends the pass. */
  copies(): GPUCommandEncoder;
}

/** Records one run of something. */
export type Encode = (commands: Commands) => void;

/** Records something, `times` runs of it one after the other. `first` describes its first pass: its only one, where it copies nothing. */
export function record(encoder: GPUCommandEncoder, encode: Encode, times = 1, first?: GPUComputePassDescriptor): void {
  let open: GPUComputePassEncoder | undefined;
  let descriptor = first;
  const end = () => {
    open?.end();
    open = undefined;
  };
  const commands: Commands = {
    pass: () => {
      open ??= encoder.beginComputePass(descriptor);
      descriptor = undefined;
      return open;
    },
    copies: () => {
      end();
      return encoder;
    },
  };
  for (let k = 0; k < times; k++) encode(commands);
  end();
}
