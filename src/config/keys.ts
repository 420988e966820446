import { isRecord, type Schema } from "../schema/schema.ts";
import { configSchema } from "./config.ts";

/** What the config's schema can be asked for error messages: the keys at a place, all keys, the words allowed. */

type AnySchema = Schema<unknown>;

const root: AnySchema = configSchema;

/** A number or an object is looked at as the object. */
const unwrap = (schema: AnySchema): AnySchema => (schema.wrapped ? unwrap(schema.wrapped) : schema);

const variants = (schema: AnySchema): readonly AnySchema[] => schema.shapes ?? [schema];

/** The word that tells a shape of a variant from the others. */
const wordOf = (shape: AnySchema, key: string): string => shape.entries![key].words![0];

function schemaAt(path: readonly string[]): AnySchema | undefined {
  let schema = root;
  for (const key of path) {
    const owner = variants(schema).find((variant) => variant.entries && Object.hasOwn(variant.entries, key));
    if (!owner?.entries) return undefined;
    schema = unwrap(owner.entries[key]);
  }
  return schema;
}

/** Where the value at `path` is one of several shapes: the key that tells them apart. */
export function variantKey(path: readonly string[]): string | undefined {
  return schemaAt(path)?.key;
}

/** The keys that the object at `path` may have; where its shape depends on a name in it, those of that shape. */
export function keysAt(path: readonly string[], value: unknown): string[] {
  const schema = schemaAt(path);
  if (!schema) return [];
  const { key } = schema;
  const name = key && isRecord(value) ? value[key] : undefined;
  const shape = variants(schema).find((variant) => !key || wordOf(variant, key) === name);
  return Object.keys(shape?.entries ?? {});
}

/** The words allowed at `path`, where only certain words are. */
export function optionsAt(path: readonly string[]): readonly string[] | undefined {
  const schema = schemaAt(path);
  const parent = schemaAt(path.slice(0, -1));
  const { key } = parent ?? {};
  if (key && path[path.length - 1] === key) return variants(parent!).map((shape) => wordOf(shape, key));
  return schema?.words;
}

function listKeys(schema: AnySchema, prefix: string): string[] {
  return variants(unwrap(schema)).flatMap((variant) =>
    Object.entries(variant.entries ?? {}).flatMap(([key, child]) => {
      const path = prefix ? `${prefix}.${key}` : key;
      return [path, ...listKeys(child, path)];
    }),
  );
}

/** Every key of the config with its path, `training.optimizer.learningRate` and the like. */
export const keysEverywhere: readonly string[] = [...new Set(listKeys(root, ""))];
