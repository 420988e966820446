import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";

/** How long a launch may take before it is given up; a kernel that loops without end never comes back. */
export class Patience {
  readonly device: Device;
  readonly milliseconds: number;
  /** A launch did not end: the GPU may be at work on it for ever. */
  hung = false;

  constructor(device: Device, milliseconds: number) {
    this.device = device;
    this.milliseconds = milliseconds;
  }

  /** Waits for the GPU. Throws ReparamError "device" where the time is up or the device is lost. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    const { device } = this;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.hung = true;
        const seconds = this.milliseconds / 1000;
        reject(
          new ReparamError("device", `It did not end within ${seconds} s: it may loop without end, or need more time.`),
        );
      }, this.milliseconds);
    });
    const lost = device.lost.then((error): never => {
      throw error;
    });
    lost.catch(() => {}); // heard below, or of no interest any more
    try {
      const value = await device.settle(Promise.race([promise, tooLong, lost]));
      device.check();
      return value;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Submits commands and waits for their end. */
  async run(record: (encoder: GPUCommandEncoder) => void): Promise<void> {
    const { gpu } = this.device;
    const encoder = gpu.createCommandEncoder();
    record(encoder);
    gpu.queue.submit([encoder.finish()]);
    await this.wait(gpu.queue.onSubmittedWorkDone());
  }
}
