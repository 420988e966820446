import { openCheckpoint, progressOf } from "../../src/train/read-checkpoint.ts";

/**
 * Eight hexadecimal digits of the SHA-256 of a checkpoint's weights: the same for whoever trains the same from the same seed on
 * the same adapter. undefined where something was changed while the run went, as its settings then do not make it.
 */
export async function fingerprintOf(bytes: Uint8Array): Promise<string | undefined> {
  const file = openCheckpoint(bytes, "The run");
  if (progressOf(file)?.changes.length !== 0) return undefined;
  const weights = Object.entries(file.tensors)
    .filter(([name]) => name !== "state" && !name.startsWith("optimizer."))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { data }]) => new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength));
  const digest = await crypto.subtle.digest("SHA-256", await new Blob(weights).arrayBuffer());
  return [...new Uint8Array(digest, 0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** "7f3ac21e" → "7f3a c21e" */
export const spelled = (fingerprint: string): string => `${fingerprint.slice(0, 4)} ${fingerprint.slice(4)}`;

/** What is said of a run that has ended, to who opened a link with the fingerprint of another. */
export const samenessOf = (own: string, senders: string): string =>
  own === senders
    ? `Same picture as the sender's: ${spelled(own)}.`
    : "Close, not the same as the sender's: another adapter rounds differently.";
