import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { byteLengthOf, copyMessage, decodeMessages, encodeMessage } from "../../src/host/frame.ts";
import type { Json, Message } from "../../src/host/job.ts";

const name = fc.string({ unit: "grapheme" });
const message: fc.Arbitrary<Message> = fc.record({
  body: fc.dictionary(name, fc.jsonValue({ stringUnit: "grapheme" }) as fc.Arbitrary<Json>),
  blobs: fc.dictionary(name, fc.uint8Array({ maxLength: 100 })),
});

/** What JSON makes of a value (it has no -0, for one). */
const viaJson = (value: Json) => JSON.parse(JSON.stringify(value));

function joined(messages: readonly Message[]): Uint8Array {
  const parts = messages.flatMap(encodeMessage);
  const bytes = new Uint8Array(byteLengthOf(parts));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

test("a batch of messages comes out as it went in, whatever the text and the sizes", () => {
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      const received = decodeMessages(joined(messages));
      expect(received.map(({ body }) => body)).toEqual(messages.map(({ body }) => viaJson(body)));
      expect(received.map(({ blobs }) => Object.entries(blobs!))).toEqual(
        messages.map((m) => Object.entries(m.blobs!)),
      );
    }),
  );
});

test("every received blob can be viewed as floats or doubles without a copy", () => {
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      for (const { blobs } of decodeMessages(joined(messages))) {
        for (const blob of Object.values(blobs!)) expect(blob.byteOffset % 8).toBe(0);
      }
    }),
    { numRuns: 25 },
  );
});

test("a lone surrogate survives", () => {
  const text = "\ud800 and \udfff";
  expect(copyMessage({ body: { text } }).body.text).toBe(text);
});

test("a batch that was cut off is refused", () => {
  const bytes = joined([{ body: { kind: "x" }, blobs: { data: new Uint8Array(100) } }]);
  for (const length of [2, 20, bytes.byteLength - 8]) {
    expect(() => decodeMessages(bytes.slice(0, length))).toThrow();
  }
});

test("a copied message shares no memory with the original", () => {
  const data = new Uint8Array([1, 2, 3]);
  const copy = copyMessage({ body: {}, blobs: { data } });
  data.fill(9);
  expect([...copy.blobs!.data]).toEqual([1, 2, 3]);
});
