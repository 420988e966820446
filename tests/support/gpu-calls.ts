/**
 * Counts the calls of a device's and its queue's methods from now on, by name; a queue's are `queue.<name>`.
 * Setting things up is the device's work, so encoders and mapped buffers are not looked into.
 */
export function countCalls(device: GPUDevice): () => Record<string, number> {
  const counts: Record<string, number> = {};
  const watch = (target: object, prefix: string) => {
    for (let level = target; level !== Object.prototype; level = Object.getPrototypeOf(level) as object) {
      for (const name of Object.getOwnPropertyNames(level)) {
        const descriptor = Object.getOwnPropertyDescriptor(level, name)!;
        if (typeof descriptor.value !== "function" || name === "constructor" || /EventListener/.test(name)) continue;
        const method = descriptor.value as (...args: unknown[]) => unknown;
        Object.defineProperty(target, name, {
          configurable: true,
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
