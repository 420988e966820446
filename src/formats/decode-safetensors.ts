import { ReparamError } from "../errors.ts";
import { fromBrainFloats, fromHalves } from "./half.ts";
import {
  ARRAY_OF,
  elementCount,
  isNaturalArray,
  type SafetensorsDtype,
  type SafetensorsFile,
  type SafetensorsTensor,
} from "./safetensors.ts";

/** Two-byte floats, which become F32 exactly: nothing here computes with them as they are. */
const WIDENED = { F16: fromHalves, BF16: fromBrainFloats } as const;

/** What can be read, with the bytes of an element. */
const BYTES_OF: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(ARRAY_OF).map(([dtype, { BYTES_PER_ELEMENT }]) => [dtype, BYTES_PER_ELEMENT])),
  F16: 2,
  BF16: 2,
};

type Stored = SafetensorsDtype | keyof typeof WIDENED;

/** The Python reader refuses longer headers. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Decodes a safetensors file into copies of its tensors, F16 and BF16 as F32. Anything that is not exactly right (lengths, JSON, duplicate
 * keys, dtypes, shapes, offsets, left-over bytes) throws one `checkpoint` error that names the file.
 */
export function decodeSafetensors(bytes: Uint8Array, fileName: string): SafetensorsFile {
  const refuse = (what: string): never => {
    throw new ReparamError("checkpoint", `${fileName} is not a usable safetensors file: ${what}.`);
  };
  const { entries, metadata, dataStart } = readHeader(bytes, refuse);
  const dataBytes = bytes.length - dataStart;
  const tensors: { [name: string]: SafetensorsTensor } = Object.create(null);
  const spans: { name: string; dtype: Stored; shape: readonly number[]; begin: number; end: number }[] = [];

  for (const [name, value] of entries) {
    if (name === "__proto__") refuse('it has a tensor called "__proto__"');
    if (!isObject(value)) refuse(`its entry for tensor ${quote(name)} is not an object`);
    const { dtype, shape, data_offsets: offsets, ...unknown } = value as { [key: string]: unknown };
    const extra = Object.keys(unknown)[0];
    if (extra !== undefined) refuse(`its entry for tensor ${quote(name)} has an unknown key ${quote(extra)}`);
    if (typeof dtype !== "string" || !Object.hasOwn(BYTES_OF, dtype)) {
      refuse(
        `tensor ${quote(name)} has the dtype ${quote(dtype)}; readable dtypes are ${Object.keys(BYTES_OF).join(", ")}`,
      );
    }
    const count = elementCount(shape);
    if (count === undefined) refuse(`tensor ${quote(name)} has the impossible shape ${quote(shape)}`);
    if (!isNaturalArray(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
      refuse(`tensor ${quote(name)} has the impossible data_offsets ${quote(offsets)}`);
    }
    const [begin, end] = offsets as [number, number];
    if (end > dataBytes) {
      refuse(`tensor ${quote(name)} ends at byte ${end} of the data, which has ${dataBytes} bytes (is it truncated?)`);
    }
    const expected = count! * BYTES_OF[dtype as string];
    if (end - begin !== expected) {
      refuse(`tensor ${quote(name)} is ${dtype} ${quote(shape)}, ${expected} bytes, but occupies ${end - begin}`);
    }
    spans.push({ name, dtype: dtype as Stored, shape: shape as number[], begin, end });
  }

  // Before anything is made for them: tensors that overlap could take any multiple of the file.
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of spans) {
    if (begin < covered) refuse(`tensor ${quote(name)} overlaps the one before it`);
    if (begin > covered) refuse(`${begin - covered} bytes before tensor ${quote(name)} belong to no tensor`);
    covered = end;
  }
  if (covered !== dataBytes) refuse(`${dataBytes - covered} bytes after the last tensor belong to no tensor`);
  for (const { name, dtype, shape, begin, end } of spans) {
    const copy = new Uint8Array(end - begin); // Tensors of other writers need not be aligned.
    copy.set(bytes.subarray(dataStart + begin, dataStart + end));
    tensors[name] =
      dtype === "F16" || dtype === "BF16"
        ? { dtype: "F32", shape, data: WIDENED[dtype](new Uint16Array(copy.buffer)) }
        : { dtype, shape, data: new ARRAY_OF[dtype](copy.buffer) };
  }
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array, refuse: (what: string) => never) {
  if (bytes.length < 8) refuse(`it has only ${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) refuse(`it claims a header of ${length} bytes, more than ${MAX_HEADER_BYTES}`);
  const dataStart = 8 + Number(length);
  if (dataStart > bytes.length) {
    refuse(`it claims a header of ${length} bytes and has ${bytes.length} bytes in all (is it truncated?)`);
  }
  let header: unknown;
  let text = "";
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.slice(8, dataStart));
    header = JSON.parse(text);
  } catch {
    refuse("its header is not valid JSON");
  }
  if (!isObject(header) || !text.startsWith("{")) refuse("its header is not a JSON object");
  const twice = duplicateKey(text);
  if (twice !== undefined) refuse(`its header has the key ${quote(twice)} twice`);

  const { __metadata__: given = {}, ...rest } = header as { [key: string]: unknown };
  if (!isObject(given)) refuse("its __metadata__ is not an object");
  const metadata: { [key: string]: string } = Object.create(null);
  for (const [key, value] of Object.entries(given as object)) {
    if (typeof value !== "string") refuse(`its metadata ${quote(key)} is not a string`);
    metadata[key] = value;
  }
  return { entries: Object.entries(rest), metadata, dataStart };
}

/** The first key that an object of this valid JSON text has twice; JSON.parse would silently keep the last. */
function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    if (json[i] === "{") open.push(new Set());
    else if (json[i] === "}") open.pop();
    else if (json[i] === '"') {
      const start = i++;
      while (json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
      const end = i + 1;
      while (isSpace(json[i + 1])) i++;
      // In valid JSON, a string before a colon is a key of the innermost open object.
      if (json[i + 1] !== ":") continue;
      const key = JSON.parse(json.slice(start, end)) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

const isSpace = (character: string | undefined): boolean =>
  character === " " || character === "\n" || character === "\t" || character === "\r";

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value from the file, short enough for one sentence. */
function quote(value: unknown): string {
  // Nested values are named by their kind: the file may nest them deeper than JSON.stringify can follow.
  const flat = Array.isArray(value) ? value.every((item) => typeof item !== "object") : typeof value !== "object";
  const text = flat ? (JSON.stringify(value) ?? "(missing)") : "(nested)";
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
