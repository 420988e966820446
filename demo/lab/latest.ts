/**
 * Answers to questions that come faster than they can be answered: one is under way, and of those that came meanwhile only
 * the last is asked.
 */
export function latest<Q, A>(ask: (question: Q) => Promise<A>, answered: (answer: A, question: Q) => void) {
  let waiting: { question: Q } | undefined;
  let busy = false;
  async function work(): Promise<void> {
    busy = true;
    while (waiting) {
      const { question } = waiting;
      waiting = undefined;
      try {
        answered(await ask(question), question);
      } catch {
        // The run has gone: what went wrong with it is told where it is followed.
      }
    }
    busy = false;
  }
  return (question: Q) => {
    waiting = { question };
    if (!busy) void work();
  };
}
