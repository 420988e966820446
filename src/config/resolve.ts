import { drawnConstraints, drawnOptionsOf } from "../data/drawn-options.ts";
import { ReparamError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { keysOf, quote } from "../schema/constraints.ts";
import { type Issue, isRecord, read } from "../schema/schema.ts";
import { configSchema, type DataConfig, DEFAULT_DATA, modelConfig, presetConfig, type RunConfig } from "./config.ts";
import { trainingWith } from "./defaults.ts";
import { keysAt, keysEverywhere, optionsAt, variantKey } from "./keys.ts";
import { defaultEpochs, presets, statements } from "./presets.ts";

/** Part of a config, unchecked, and where it was said: a file's name or a flag, for the error message. */
export interface Layer {
  readonly source: string;
  readonly values: unknown;
}

export interface ConfigLayers {
  /** Default: `vae`. */
  readonly preset?: string;
  readonly file?: Layer;
  readonly flags?: readonly Layer[];
  readonly sets?: readonly Layer[];
}

/**
 * The config that preset < file < named flags < --set add up to, checked.
 *
 * Throws ReparamError "usage" for an unknown preset or one whose data nobody named, and "config" for an unknown key
 * (naming the nearest right one) or a value of the wrong type or range (naming the key, what was found and what is
 * allowed).
 */
export function resolveConfig({ preset = "vae", file, flags = [], sets = [] }: ConfigLayers): RunConfig {
  if (!Object.hasOwn(presets, preset)) {
    const guess = nearest(preset, Object.keys(presets));
    throw new ReparamError("usage", `--preset: there is no preset ${quote(preset)}; did you mean ${guess}?`);
  }
  const upgraded = file && { ...file, values: upgradeConfig(file.values) };
  const layers = [...(upgraded ? [upgraded] : []), ...flags, ...sets];
  for (const { source, values } of layers) {
    if (!isRecord(values)) throw new ReparamError("config", `${source}: the config must be an object.`);
  }
  // All --set together are one layer, so that their order does not matter.
  const overlays = [
    upgraded?.values,
    ...flags.map((layer) => layer.values),
    sets.map((s) => s.values).reduce(merge, {}),
  ];
  const start = startFor(preset, overlays);
  const merged = overlays.reduce((base, overlay) => overlayConfig(base, overlay ?? {}), start);

  const { value: config, issues } = read(configSchema, merged);
  if (issues.length > 0) throw configError(issues, merged, layers);
  checkDrawn(config.data, layers);
  if (layers.some((layer) => holds(layer.values, ["training", "epochs"]))) return config;
  const { training, data } = config;
  return { ...config, training: { ...training, epochs: defaultEpochs(training.epochs, data.name) } };
}

/** What the layers lie on: the preset, or where they name another family, that family as it is by default. */
function startFor(preset: string, overlays: readonly unknown[]): unknown {
  const base = presetConfig(preset);
  const named = overlays.findLast((overlay) => holds(overlay, ["model", "family"]));
  const family = named && valueAt(named, ["model", "family"]);
  if (family === undefined || family === base.model.family) {
    checkDataNamed(preset, overlays);
    return base;
  }
  if (typeof family !== "string" || !Object.hasOwn(statements, family)) return base;
  const statement = statements[family];
  return { ...base, data: DEFAULT_DATA, model: modelConfig(statement), training: trainingWith(statement.training) };
}

/** Throws ReparamError "config" for what is said of how data are drawn that are not drawn so. */
function checkDrawn(data: DataConfig, layers: readonly Layer[]): void {
  const told = keysOf(drawnConstraints).filter((key) => data[key] !== undefined);
  const key = told.find((option) => !drawnOptionsOf(data.name).includes(option));
  if (key === undefined) return;
  const origin = layers.findLast((layer) => holds(layer.values, ["data", key]));
  const where = origin ? `${origin.source}: ` : "";
  throw new ReparamError("config", `${where}there is no key data.${key} while data.name is ${quote(data.name)}.`);
}

/** Throws ReparamError "usage" where a preset is for data that only a person has, and nobody names any. */
function checkDataNamed(preset: string, overlays: readonly unknown[]): void {
  const { data } = presets[preset];
  if (typeof data !== "string" || overlays.some((overlay) => holds(overlay, ["data", "name"]))) return;
  throw new ReparamError("usage", `--preset ${preset} needs ${data}: name its file with --data.`);
}

/** A config file of 0.1.0 as it would be now: the weight of the KL term was a setting of the training. */
function upgradeConfig(values: unknown): unknown {
  const old = valueAt(values, ["training", "klWeight"]);
  if (old === undefined || !isRecord(values) || !isRecord(values.training)) return values;
  const { klWeight, ...training } = values.training;
  const model = isRecord(values.model) ? values.model : {};
  return { ...values, training, model: { ...model, klWeight } };
}

/** `training.optimizer.learningRate=3e-4` as a layer. The value is JSON where it can be read as that, else a string. */
export function parseSet(text: string): Layer {
  const equals = text.indexOf("=");
  const path = text.slice(0, equals).split(".");
  if (equals < 1 || path.includes("")) {
    throw new ReparamError("usage", `--set takes key=value such as model.latent=10, but it is ${quote(text)}.`);
  }
  return layerAt(path, parseValue(text.slice(equals + 1)), `--set ${text}`);
}

/** A layer that says one thing: the value at `path`. */
export function layerAt(path: readonly string[], value: unknown, source: string): Layer {
  return { source, values: path.reduceRight<unknown>((inner, key) => record([[key, inner]]), value) };
}

/** A flag's or --set's text as a value: numbers, JSON, or else the text itself. */
export function parseValue(text: string): unknown {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** No prototype, so that a key like `__proto__` is data like any other and is then refused as unknown. */
function record(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) result[key] = value;
  return result;
}

function merge(base: unknown, overlay: unknown): unknown {
  if (!isRecord(base) || !isRecord(overlay)) return overlay;
  const result = record(Object.entries(base));
  for (const [key, value] of Object.entries(overlay)) {
    result[key] = Object.hasOwn(base, key) ? merge(base[key], value) : value;
  }
  return result;
}

/** Like `merge`, but a model or a schedule of another kind replaces the one below it: its numbers mean something else. */
function overlayConfig(base: unknown, overlay: unknown, path: string[] = []): unknown {
  if (!isRecord(base) || !isRecord(overlay)) return overlay;
  const key = variantKey(path);
  if (key && Object.hasOwn(overlay, key) && overlay[key] !== base[key]) return overlay;
  const result = record(Object.entries(base));
  for (const [key, value] of Object.entries(overlay)) {
    result[key] = Object.hasOwn(base, key) ? overlayConfig(base[key], value, [...path, key]) : value;
  }
  return result;
}

function configError(issues: readonly Issue[], config: unknown, layers: readonly Layer[]): ReparamError {
  // An unknown key first: it is often why another one is missing.
  const { path, phrase, stranger } = issues.find((issue) => issue.stranger) ?? issues[0];
  const origin =
    layers.findLast((layer) => holds(layer.values, path)) ??
    layers.findLast((layer) => holds(layer.values, path.slice(0, -1)));
  const where = origin ? `${origin.source}: ` : "";
  const key = path.join(".");
  if (stranger && keysEverywhere.includes(key)) {
    const parent = path.slice(0, -1);
    const kind = [...parent, variantKey(parent) ?? "name"];
    return new ReparamError(
      "config",
      `${where}there is no key ${key} while ${kind.join(".")} is ${quote(valueAt(config, kind))}.`,
    );
  }
  if (stranger) {
    const guess = nearestKey(path, config);
    return new ReparamError(
      "config",
      `${where}there is no key ${key}${guess === undefined ? "." : `; did you mean ${guess}?`}`,
    );
  }
  const found = valueAt(config, path);
  if (found === undefined) return new ReparamError("config", `${where}${key} is missing.`);
  const options = optionsAt(path);
  const guess = typeof found === "string" && options ? `; did you mean ${nearest(found, options)}?` : ".";
  return new ReparamError("config", `${where}${key} must be ${phrase}, but it is ${quote(found)}${guess}`);
}

/** The key beside an unknown one that is spelt most like it, or the same name elsewhere in the config. */
function nearestKey(path: readonly string[], config: unknown): string | undefined {
  const name = path[path.length - 1];
  const elsewhere = keysEverywhere.find((key) => key.split(".").pop() === name);
  if (elsewhere) return elsewhere;
  const parent = path.slice(0, -1);
  const guess = nearest(name, keysAt(parent, valueAt(config, parent)));
  return guess && [...parent, guess].join(".");
}

export function holds(values: unknown, path: readonly string[]): boolean {
  return valueAt(values, path) !== undefined;
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  let value = values;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
