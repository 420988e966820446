import { crc32 } from "../formats/crc32.ts";
import { type AdapterDescription, adapterKey } from "../gpu/device.ts";
import type { ChoiceTable } from "../gpu/profile.ts";
import { allShaders } from "../shaders/all.generated.ts";

/** Keeps what was measured, under keys that change with the adapter, the browser and the kernels. */
export interface TuneStore {
  /** What was saved under the key; nothing where there is none. */
  load(key: string): Promise<ChoiceTable["entries"] | undefined>;
  save(key: string, choices: ChoiceTable["entries"]): Promise<void>;
}

/** Goes up when choices mean something else, though no shader changed. */
const GEOMETRY = 1;

/** Changes with every shader of a product. */
export function kernelHash(): string {
  const text = allShaders.filter(({ path }) => /^(matmul|conv)\//.test(path)).map(({ path, text }) => [path, text]);
  const hash = crc32(new TextEncoder().encode(JSON.stringify([GEOMETRY, text])));
  return hash.toString(16).padStart(8, "0");
}

/** `platform`: what the browser or Dawn calls itself, with its version. */
export const storeKey = (adapter: AdapterDescription, platform: string): string =>
  [adapterKey(adapter), platform, kernelHash()].join(" | ");

const TABLE = "choices";

/** A store in this browser's IndexedDB, of this page's origin; undefined where there is no IndexedDB. */
export function browserStore(): TuneStore | undefined {
  const { indexedDB } = globalThis;
  if (!indexedDB) return undefined;

  async function within<T>(mode: IDBTransactionMode, act: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const opening = indexedDB.open("reparam", 1);
    opening.onupgradeneeded = () => void opening.result.createObjectStore(TABLE);
    const database = await settled(opening);
    try {
      return await settled(act(database.transaction(TABLE, mode).objectStore(TABLE)));
    } finally {
      database.close();
    }
  }

  return {
    load: (key) => within("readonly", (table) => table.get(key)),
    save: async (key, choices) => void (await within("readwrite", (table) => table.put(choices, key))),
  };
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
