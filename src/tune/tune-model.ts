import { type Device, withChoices } from "../gpu/device.ts";
import { readChoices } from "../kernels/choice.ts";
import type { Model } from "../models/model.ts";
import { Patience } from "../timing/patience.ts";
import { subjectsOfModel } from "./products.ts";
import { browserStore, storeKey, type TuneStore } from "./store.ts";
import { type TunedProduct, type TuneOptions, tuneProducts } from "./tune.ts";

export interface TuneModelOptions extends Omit<TuneOptions, "exhaustive"> {
  /** As the training's; 128 by default. */
  readonly batchSize?: number;
  /** Where results are kept from one visit to the next: IndexedDB by default, where there is one; null: nowhere. */
  readonly store?: TuneStore | null;
}

export interface Tuning {
  /** The same device, with the choices: for `fit` and all else. */
  readonly device: Device;
  /** What was measured now; nothing where the store knew all of it. */
  readonly products: readonly TunedProduct[];
}

/** A launch that takes longer is given up. */
const PATIENCE_MILLISECONDS = 30_000;

/**
 * Measures which kernels compute the products of a model's training step best on this adapter: seconds the first time,
 * nothing once the store knows them. Pass the device that it returns to `fit`; a checkpoint remembers what its run was
 * computed with. A store that does not work is as good as none.
 * Throws ReparamError "device" where the device is lost or a launch does not end, "aborted" when `signal` aborts.
 */
export async function tune(
  device: Device,
  model: Model,
  { batchSize = 128, store = browserStore() ?? null, ...options }: TuneModelOptions = {},
): Promise<Tuning> {
  const key = storeKey(device.adapter, (globalThis.navigator as Navigator | undefined)?.userAgent ?? "");
  const known = readChoices(await store?.load(key).catch(() => undefined));
  const missing = subjectsOfModel(model, batchSize, device.profile).filter(
    (subject) => !Object.hasOwn(known, subject.class),
  );
  const patience = new Patience(device, PATIENCE_MILLISECONDS);
  const { products } = missing.length > 0 ? await tuneProducts(device, patience, missing, options) : { products: [] };
  const entries = { ...known, ...choicesByClass(products) };
  if (products.length > 0) await store?.save(key, entries).catch(() => {});
  return { device: withChoices(device, [{ source: "tuned", entries }]), products };
}

/** What was found, as a table for a device; products of which no candidate was right are not in it. */
export const choicesByClass = (products: readonly TunedProduct[]): Record<string, string> =>
  Object.fromEntries(
    products
      .filter(({ candidates }) => candidates.some(({ time }) => time))
      .map((found) => [found.class, found.choice]),
  );
