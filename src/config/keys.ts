import { configSchema } from "./config.ts";

/** What the config's schema can be asked for error messages: the keys at a place, all keys, the words allowed. */

/** The parts of a valibot schema that are looked at here. */
interface Schema {
  readonly type: string;
  /** Of a variant: the key whose value tells its shapes apart. */
  readonly key?: string;
  readonly entries?: Record<string, Schema>;
  readonly options?: readonly unknown[];
  readonly wrapped?: Schema;
  readonly literal?: unknown;
  /** Of what is one of two schemas: the one for a value. */
  readonly getter?: (value: unknown) => Schema;
}

const root = configSchema as unknown as Schema;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A number or an object is looked at as the object. */
function unwrap(schema: Schema): Schema {
  if (schema.getter) return unwrap(schema.getter({}));
  return schema.wrapped ? unwrap(schema.wrapped) : schema;
}

const variants = (schema: Schema): readonly Schema[] =>
  schema.type === "variant" ? (schema.options as readonly Schema[]) : [schema];

function schemaAt(path: readonly string[]): Schema | undefined {
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
  const schema = schemaAt(path);
  return schema?.type === "variant" ? schema.key : undefined;
}

/** The keys that the object at `path` may have; where its shape depends on a name in it, those of that shape. */
export function keysAt(path: readonly string[], value: unknown): string[] {
  const schema = schemaAt(path);
  if (!schema) return [];
  const { key } = schema;
  const name = key && isRecord(value) ? value[key] : undefined;
  const shape = variants(schema).find((variant) => !key || variant.entries?.[key].literal === name);
  return Object.keys(shape?.entries ?? {});
}

/** The words allowed at `path`, where only certain words are. */
export function optionsAt(path: readonly string[]): string[] | undefined {
  const schema = schemaAt(path);
  if (schema?.type === "picklist") return schema.options as string[];
  const parent = schemaAt(path.slice(0, -1));
  if (!parent?.key || path[path.length - 1] !== parent.key) return undefined;
  return variants(parent).map((variant) => String(variant.entries?.[parent.key!].literal));
}

function listKeys(schema: Schema, prefix: string): string[] {
  return variants(unwrap(schema)).flatMap((variant) =>
    Object.entries(variant.entries ?? {}).flatMap(([key, child]) => {
      const path = prefix ? `${prefix}.${key}` : key;
      return [path, ...listKeys(child, path)];
    }),
  );
}

/** Every key of the config with its path, `training.optimizer.learningRate` and the like. */
export const keysEverywhere: readonly string[] = [...new Set(listKeys(root, ""))];
