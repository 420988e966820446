import type { Epoch } from "./loop.ts";

/** The epochs of a run as they come: kept, and iterated by as many as like, each from the first. */
export interface EpochStream {
  readonly history: readonly Epoch[];
  push(epoch: Epoch): void;
  /** No more will come once this has settled; its error is the iteration's. */
  until(finished: Promise<unknown>): AsyncIterable<Epoch>;
}

export function epochStream(): EpochStream {
  const history: Epoch[] = [];
  let wake = () => {};
  let news = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const notify = () => {
    wake();
    news = new Promise<void>((resolve) => {
      wake = resolve;
    });
  };
  return {
    history,
    push: (epoch) => {
      history.push(epoch);
      notify();
    },
    until: (finished) => {
      let ended = false;
      const end = () => {
        ended = true;
        notify();
      };
      finished.then(end, end);
      return {
        async *[Symbol.asyncIterator]() {
          for (let seen = 0; ; ) {
            while (seen < history.length) yield history[seen++];
            if (ended) break;
            await news;
          }
          await finished;
        },
      };
    },
  };
}
