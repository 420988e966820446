import { ReparamError } from "../errors.ts";

/** How to follow work that lets other things happen in between, and how to stop it. */
export interface SliceOptions {
  /** Stops the work between two slices. */
  readonly signal?: AbortSignal;
  /** Called after every slice with the images that there are so far, and how many there will be. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Makes images slice by slice: it yields how many a slice was, and returns what all of them are. */
export type Slices<T> = Generator<number, T>;

/** Does all slices one after another. */
export function atOnce<T>(slices: Slices<T>): T {
  for (;;) {
    const next = slices.next();
    if (next.done) return next.value;
  }
}

/** Lets the page, or the process, do after every slice what waits for its turn. Throws ReparamError "aborted". */
export async function inSlices<T>(what: string, slices: Slices<T>, total: number, options: SliceOptions): Promise<T> {
  const progress = progressOf(what, total, options);
  for (;;) {
    progress.check();
    const next = slices.next();
    if (next.done) return next.value;
    progress.add(next.value);
    await nextTask();
  }
}

/** Counts images, and tells of them. `check` throws ReparamError "aborted" where the signal says so. */
export function progressOf(what: string, total: number, { signal, onProgress }: SliceOptions) {
  let done = 0;
  return {
    check: () => {
      if (!signal?.aborted) return;
      throw new ReparamError("aborted", `${what}: interrupted after ${done} of ${total} images.`);
    },
    add: (images: number) => {
      done += images;
      onProgress?.(done, total);
    },
  };
}

/** A task of its own, which pages that are hidden do not hold back as they do timers. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
