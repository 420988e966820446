import { byteLengthOf, encodeMessage } from "../frame.ts";
import type { Message } from "../job.ts";

/** Messages on their way out of the worker, in order, one batch in flight at a time. */
export interface Outbox {
  /** Settles when the other side has received the message and everything before it. */
  emit(message: Message): Promise<void>;
  /** Settles when nothing is left to send; rejects if something could not be sent. */
  drain(): Promise<void>;
}

// A batch takes along whatever waits, up to this: enough for thousands of metrics, and one checkpoint at a time.
const batchBytes = 32 << 20;

// Below this a copy is cheaper than a Blob, whose making is a call to another process (0.2 ms and more).
const blobBytes = 1 << 20;

interface Waiting {
  /** The message as it was when emitted. */
  readonly parts: readonly (Uint8Array<ArrayBuffer> | Blob)[];
  readonly bytes: number;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * While a batch is in flight the next ones gather, so a slow receiver makes batches larger instead of more. After a
 * failed send nothing more is sent: a gap in the messages would be worse than their end.
 */
export function createOutbox(send: (batch: Blob) => Promise<void>): Outbox {
  const waiting: Waiting[] = [];
  let flight: Promise<void> | undefined;
  let failure: { error: unknown } | undefined;

  async function fly(): Promise<void> {
    await undefined; // lets a burst of messages within one task gather first
    while (waiting.length > 0) {
      const batch = takeBatch(waiting);
      try {
        if (failure) throw failure.error;
        // A Blob, not a typed array: posting one of 100 MB kills the receiving Node.
        await send(new Blob(batch.flatMap((entry) => entry.parts)));
        for (const entry of batch) entry.done();
      } catch (error) {
        failure ??= { error };
        for (const entry of batch) entry.fail(error);
      }
    }
    flight = undefined;
  }

  return {
    emit(message) {
      const encoded = encodeMessage(message);
      const parts = encoded.map((part) => (part.byteLength < blobBytes ? part.slice() : new Blob([part])));
      const bytes = byteLengthOf(encoded);
      const sent = new Promise<void>((done, fail) => waiting.push({ parts, bytes, done, fail }));
      sent.catch(() => {}); // a job need not await every message; drain() reports what was lost
      flight ??= fly();
      return sent;
    },
    async drain() {
      await flight;
      if (failure) throw failure.error;
    },
  };
}

function takeBatch(waiting: Waiting[]): Waiting[] {
  let count = 1;
  let bytes = waiting[0].bytes;
  while (count < waiting.length && bytes + waiting[count].bytes <= batchBytes) bytes += waiting[count++].bytes;
  return waiting.splice(0, count);
}
