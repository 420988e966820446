import type { Json, Message } from "./job.ts";

// A message on the wire: [u32 header bytes][header: JSON text][padding][blob][padding][blob]… with every part starting
// at a multiple of 8, so that a received blob can be viewed as any typed array without a copy. A batch is frames end to
// end. The header says {"body": …, "blobs": [[name, bytes], …]}; bulk data is never JSON.

const alignment = 8;

interface Header {
  readonly body: { readonly [key: string]: Json };
  readonly blobs: readonly (readonly [name: string, bytes: number])[];
}

/** Says where each part of a message stands; the blobs are the message's own memory, not copies. */
export function encodeMessage(message: Message): Uint8Array<ArrayBuffer>[] {
  const blobs = Object.entries(message.blobs ?? {});
  const header: Header = { body: message.body, blobs: blobs.map(([name, blob]) => [name, blob.byteLength]) };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(padded(4 + text.byteLength));
  new DataView(head.buffer).setUint32(0, text.byteLength, true);
  head.set(text, 4);
  const parts = [head];
  for (const [, blob] of blobs) {
    parts.push(blob as Uint8Array<ArrayBuffer>);
    const gap = padded(blob.byteLength) - blob.byteLength;
    if (gap > 0) parts.push(new Uint8Array(gap));
  }
  return parts;
}

/** The messages of a batch, in order. Blobs are views of `bytes`, which must start at an address divisible by 8. */
export function decodeMessages(bytes: Uint8Array): Message[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: Message[] = [];
  let offset = 0;
  while (offset < bytes.byteLength) {
    const length = view.getUint32(offset, true);
    const text = new TextDecoder().decode(bytes.subarray(offset + 4, offset + 4 + length));
    const header = JSON.parse(text) as Header;
    offset += padded(4 + length);
    const blobs: [string, Uint8Array][] = [];
    for (const [name, size] of header.blobs) {
      blobs.push([name, bytes.subarray(offset, offset + size)]);
      offset += padded(size);
    }
    if (offset > bytes.byteLength) throw new RangeError(`a frame ends at byte ${offset} of ${bytes.byteLength}`);
    messages.push({ body: header.body, blobs: Object.fromEntries(blobs) });
  }
  return messages;
}

/** A message as the other side would receive it: JSON made plain, blobs copied. */
export function copyMessage(message: Message): Message {
  const parts = encodeMessage(message);
  const bytes = new Uint8Array(byteLengthOf(parts));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return decodeMessages(bytes)[0];
}

export function byteLengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
