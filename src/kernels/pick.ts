import { ReparamError } from "../errors.ts";
import type { DeviceProfile } from "../gpu/profile.ts";
import { externalBinding, stateBinding } from "../plan/binding.ts";
import type { Binding, Dispatch } from "../plan/plan.ts";
import { dataPick } from "../shaders/data/pick.generated.ts";
import { dataRows } from "../shaders/data/rows.generated.ts";
import { siNumber } from "../units.ts";
import { linearGrid } from "./geometry.ts";
import { lanesOf } from "./launch.ts";
import { link } from "./link.ts";

/** How a field of a data set is stored. */
export interface PickedField {
  /** Numbers of an example. */
  readonly size: number;
  readonly store: "u8" | "u16" | "f32";
  /** The stored number that stands for 1: value = stored / unit. */
  readonly unit: number;
}

/** Some rows of a split, one after another from the start of a buffer. */
export interface Shard {
  /** The external buffer's name. */
  readonly buffer: string;
  readonly bytes: number;
  /** Rows first … first + count − 1 of the split. */
  readonly first: number;
  readonly count: number;
}

interface PickProblem {
  readonly field: PickedField;
  readonly shard: Shard;
  /** The external buffer that takes the batch: [batchSize, size] f32. */
  readonly into: string;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly profile: DeviceProfile;
}

const STORED_BYTES = { u8: 1, u16: 2, f32: 4 } as const;

/** Bytes of an example of a field: a row of its shards. */
export const exampleBytes = ({ size, store }: Pick<PickedField, "size" | "store">): number =>
  size * STORED_BYTES[store];

/**
 * Picks the rows of the current batch that lie in one shard: `into` [batchSize, size] f32, and `weight` [batchSize]. The
 * shards of a split together write every row once; the one with first = 0 writes those past the end of the split.
 */
export function pickField({ field, shard, into, batchSize, shuffle, profile }: PickProblem): Dispatch {
  const { size, store, unit } = field;
  const lanes = lanesOf(size);
  const width = size / lanes;
  const segments = Math.min(width, profile.software ? 4 : 64);
  return {
    kernel: "data/pick",
    label: `${into}[${batchSize},${size}], weight[${batchSize}]${shard.first > 0 ? `, from example ${shard.first}` : ""}`,
    code: link(dataPick),
    constants: {
      ROWS: batchSize,
      WIDTH: width,
      SEGMENTS: segments,
      SHUFFLE: Number(shuffle),
      LANES: lanes,
      BYTES: STORED_BYTES[store],
      UNIT: unit,
      FIRST: shard.first,
      COUNT: shard.count,
    },
    bindings: [
      externalBinding(shard.buffer, shard.bytes, "read"),
      rows(into, batchSize * size),
      rows("weight", batchSize),
      stateBinding("uniform"),
    ],
    workgroups: linearGrid(batchSize * segments, 64),
    shape: `${batchSize}x${size}`,
    flops: 0,
    bytes: batchSize * (exampleBytes(field) + 4 * size),
  };
}

/**
 * Each row's weight and its place in the split: `weight` and `index`, [batchSize] f32 both, 0 past the end. For models
 * that ask for the index, or read no field.
 */
export function pickRows({ batchSize, shuffle }: Pick<PickProblem, "batchSize" | "shuffle">): Dispatch {
  return {
    kernel: "data/rows",
    label: `weight[${batchSize}], index[${batchSize}]`,
    code: link(dataRows),
    constants: { ROWS: batchSize, SHUFFLE: Number(shuffle) },
    bindings: [rows("weight", batchSize), rows("index", batchSize), stateBinding("uniform")],
    workgroups: linearGrid(batchSize, 64),
    shape: String(batchSize),
    flops: 0,
    bytes: 8 * batchSize,
  };
}

/** The binding of so many f32 that a batch consists of: whole vec4f, as in graphs. */
const rows = (buffer: string, count: number): Binding =>
  externalBinding(buffer, Math.ceil(count / 4) * 16, "read_write");

/**
 * How a split's rows are cut into shards of at most `limit` bytes each, an adapter's largest binding: the rows of each,
 * and its bytes, rounded up to 16. Throws ReparamError "memory" where one row alone is larger.
 */
export function shardRows(
  rowBytes: number,
  count: number,
  limit: number,
): { first: number; count: number; bytes: number }[] {
  const most = Math.floor((Math.floor(limit / 16) * 16) / rowBytes);
  if (most === 0) {
    throw new ReparamError(
      "memory",
      `One example needs ${siNumber(rowBytes)}B in one buffer, and this adapter allows ${siNumber(limit)}B: use smaller examples.`,
    );
  }
  return Array.from({ length: Math.ceil(count / most) }, (_, shard) => {
    const first = shard * most;
    const held = Math.min(most, count - first);
    return { first, count: held, bytes: Math.ceil((held * rowBytes) / 16) * 16 };
  });
}
