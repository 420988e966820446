/**
 * Counts the calls of a device's and its queue's methods from now on, by name; a queue's are `queue.<name>`.
 * Setting things up is the device's work, so encoders and mapped buffers are not looked into.
 */
export function countCalls(device: GPUDevice): () => Record<string, number> {
  const counts: Record<string, number> = {};
  const watch = (target: object, prefix: string) => {
    const seen = new Set<string>();
    for (let level = target; level !== Object.prototype; level = Object.getPrototypeOf(level) as object) {
      for (const name of Object.getOwnPropertyNames(level)) {
        if (seen.has(name)) continue;
        seen.add(name);
        const descriptor = Object.getOwnPropertyDescriptor(level, name)!;
        if (typeof descriptor.value !== "function" || name === "constructor" || /EventListener/.test(name)) continue;
        const method = descriptor.value as (...args: unknown[]) => unknown;
        Object.defineProperty(target, name, {
          configurable: true,
          writable: true,
          value: (...args: unknown[]) => {
            counts[prefix + name] = (counts[prefix + name] ?? 0) + 1;
            return method.apply(target, args);
          },
        });
      }
    }
  };
  const { queue } = device;
  watch(queue, "queue.");
  watch(device, "");
  Object.defineProperty(device, "queue", { configurable: true, value: queue });
  return () => ({ ...counts });
}

/** Counts buffers that are made from now on, until `end`, and not destroyed, and their bytes. */
export function countLiveBuffers(device: GPUDevice): { alive: () => number; bytes: () => number; end: () => void } {
  const { createBuffer } = device;
  const live = new Map<GPUBuffer, number>();
  Object.defineProperty(device, "createBuffer", {
    configurable: true,
    writable: true,
    value: (descriptor: GPUBufferDescriptor) => {
      const buffer = createBuffer.call(device, descriptor);
      const { destroy } = buffer;
      live.set(buffer, descriptor.size);
      Object.defineProperty(buffer, "destroy", {
        value: () => {
          live.delete(buffer);
          destroy.call(buffer);
        },
      });
      return buffer;
    },
  });
  return {
    alive: () => live.size,
    bytes: () => [...live.values()].reduce((sum, size) => sum + size, 0),
    end: () => void Object.defineProperty(device, "createBuffer", { configurable: true, value: createBuffer }),
  };
}
