import { isBuiltIn } from "../../src/data/built-in-names.ts";
import { isFamily } from "../../src/models/family-by-name.ts";
import type { Option } from "../../src/models/options.ts";
import { drawnData } from "./drawn-data.ts";
import { ownField } from "./examples.ts";
import { statements } from "./families.ts";

/** All that a run's result depends on. What a link holds is what differs from the beginning's. */
export interface Settings {
  readonly family: string;
  /** Of the family; those that are missing are as the family has them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly learningRate: number;
  readonly epochs: number;
  readonly seed: number;
  /** The name of a built-in data set, or of a person's own files, which no link holds. */
  readonly data: string;
  /** Training examples. */
  readonly pictures: number;
}

/** Whether data are a person's own files. */
export const isOwn = (name: string): boolean => !isBuiltIn(name);

/** A model to look at: small enough to learn in a page, of two numbers, so that the map is all of it. */
export const BEGINNING: Settings = {
  family: "vae",
  options: { hidden: [320, 128], latent: 2, initializer: "glorot" },
  learningRate: 1.5e-3,
  epochs: 30,
  seed: 7,
  data: "digits",
  pictures: 12_000,
};

const VERSION = "1";

/** What suits numbers of any range, where a family lets one choose; the families' own choices are for numbers in 0..1. */
const FOR_ANY_RANGE = { likelihood: "gaussianCalibrated", loss: "squared" };

/** Whether what suits pixels suits the numbers of a data set: those of a person's own tables are brought to 0..1, and are none. */
function isLikePixels(data: string): boolean {
  if (isBuiltIn(data)) return drawnData(data).fields().x.unit !== undefined;
  const field = ownField(data);
  return field === undefined || field.kind === "image" || field.scaling === undefined;
}

/** A run on a person's own data takes so many steps at least, however few the rows, where the epochs allowed suffice. */
const [LEAST_STEPS, MOST_EPOCHS] = [1500, 10_000];

/** Examples of a step. */
export const BATCH = 128;

/** The epochs with which a run on some data begins here. */
export const epochsFor = ({ data, pictures }: Pick<Settings, "data" | "pictures">): number =>
  isOwn(data)
    ? Math.min(MOST_EPOCHS, Math.max(BEGINNING.epochs, Math.ceil(LEAST_STEPS / Math.ceil(pictures / BATCH))))
    : BEGINNING.epochs;

/** An option of a family by its name, which may be anything that stands in a link or a file: `constructor`, too. */
export const optionNamed = (family: string, name: string): Option<unknown> | undefined => {
  const { options } = statements[family];
  return Object.hasOwn(options, name) ? (options[name] as Option<unknown>) : undefined;
};

/** Whether a family's code may be as short as that of the model that the page begins with. */
const isShort = (family: string): boolean =>
  (optionNamed(family, "latent")?.sensibleFrom ?? 0) <= (BEGINNING.options.latent as number);

/** The options of a family that differ from its own: what `latent=10` in a link sets. A code that must be long has its own layers, too. */
const startOf = (family: string, data: string): Settings["options"] => {
  const wanted = { ...(isShort(family) && BEGINNING.options), ...(!isLikePixels(data) && FOR_ANY_RANGE) };
  return acceptedOptions(family, wanted);
};

/** Those options of some settings that are not as their family began with them: what a visitor set. */
function setByHand(settings: Settings): Settings["options"] {
  const begun = { family: settings.family, options: startOf(settings.family, settings.data) };
  const own = Object.entries(settings.options).filter(([name, value]) => !same(value, optionOf(begun, name)));
  return Object.fromEntries(own);
}

/** The settings with which a family begins here on some data; what a visitor set before stays, where it can mean the same. */
export function settingsOf(family: string, before: Settings = BEGINNING, data = before.data): Settings {
  const own = Object.entries(acceptedOptions(family, setByHand(before))).filter(
    ([name, value]) => !(Number(value) < (optionNamed(family, name)?.sensibleFrom ?? 0)),
  );
  return {
    ...before,
    family,
    data,
    learningRate: statements[family].training?.optimizer?.learningRate ?? BEGINNING.learningRate,
    options: { ...startOf(family, data), ...Object.fromEntries(own) },
  };
}

/** The value of an option: what was set, or the family's own. */
export const optionOf = ({ family, options }: Pick<Settings, "family" | "options">, name: string): unknown =>
  options[name] ?? statements[family].options[name]?.default;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What follows # in a link: the version, and whatever differs from the family's beginning. */
export function toHash(settings: Settings): string {
  const parts = new URLSearchParams({ v: VERSION });
  const begin = settingsOf(settings.family, { ...BEGINNING, data: settings.data });
  if (settings.family !== BEGINNING.family) parts.set("family", settings.family);
  if (settings.data !== BEGINNING.data && isBuiltIn(settings.data)) parts.set("data", settings.data);
  for (const key of ["learningRate", "epochs", "seed", "pictures"] as const) {
    if (key === "pictures" && isOwn(settings.data)) continue; // as many as the files hold, whichever those are
    if (key === "epochs" && settings.epochs === epochsFor(settings)) continue; // as many as the data ask for
    if (settings[key] !== begin[key]) parts.set(key, String(settings[key]));
  }
  for (const [name, value] of Object.entries(settings.options)) {
    if (!same(value, begin.options[name])) {
      parts.set(name, typeof value === "string" ? value : JSON.stringify(value));
    }
  }
  return `#${parts}`;
}

/** What a link asks for. */
export interface Link {
  readonly settings: Settings;
  /** A sentence for each part of it that this page cannot use. */
  readonly problems: readonly string[];
  /** It was shared while training, and trains at once. */
  readonly play?: true;
  /** The digest of the sender's trained weights. */
  readonly weights?: string;
}

/** Parts of a link that are no settings of a run. */
const OTHERS = ["v", "family", "data", "play", "weights"];

/** Reads what follows # in a link. */
export function fromHash(hash: string): Link {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const problems: string[] = [];
  const play = parts.get("play") === "1" && ({ play: true } as const);
  const weights = parts.get("weights") ?? undefined;
  const version = parts.get("v");
  if (version !== null && version !== VERSION)
    problems.push(`This link is of version ${version}, and this page reads ${VERSION}.`);
  const family = parts.get("family") ?? BEGINNING.family;
  if (!isFamily(family)) {
    return { settings: BEGINNING, problems: [...problems, `There is no family ${family}.`], ...play };
  }
  const data = parts.get("data") ?? BEGINNING.data;
  if (!isBuiltIn(data)) problems.push(`There is no data set ${data} in this page.`);
  let settings = settingsOf(family, { ...BEGINNING, ...(isBuiltIn(data) && { data }) });
  for (const [key, text] of parts) {
    if (OTHERS.includes(key)) continue;
    const option = optionNamed(family, key);
    const value = parsed(text);
    if (option) {
      if (accepts(option, value)) settings = { ...settings, options: { ...settings.options, [key]: value } };
      else problems.push(`${key} must be ${option.phrase}, and the link says ${text}.`);
    } else if (key === "learningRate" && typeof value === "number" && value > 0 && value < 10) {
      settings = { ...settings, learningRate: value };
    } else if (key === "epochs" && isWhole(value, 1, 10_000)) {
      settings = { ...settings, epochs: value };
    } else if (key === "pictures" && isWhole(value, 200, 60_000)) {
      settings = { ...settings, pictures: value };
    } else if (key === "seed" && isWhole(value, 0, 0xffff_ffff)) {
      settings = { ...settings, seed: value };
    } else problems.push(`The link's ${key}=${text} means nothing here.`);
  }
  return { settings, problems, ...play, ...(weights && { weights }) };
}

const isWhole = (value: unknown, low: number, high: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Whether an option takes a value. */
export const accepts = ({ schema }: Pick<Option<unknown>, "schema">, value: unknown): boolean => {
  const { issues } = schema["~standard"].validate(value) as { issues?: unknown };
  return issues === undefined;
};

/** Those of some values that a family has an option for, and that it takes. */
export const acceptedOptions = (family: string, values: Settings["options"]): Settings["options"] =>
  Object.fromEntries(
    Object.entries(values).filter(([name, value]) => {
      const option = optionNamed(family, name);
      return option !== undefined && accepts(option, value);
    }),
  );

/** The settings of a run as it left them: what was set while it went is set. */
export function asSet({ settings, changes }: AsLeft): Settings {
  if (changes.length === 0) return settings;
  const { learningRate = settings.learningRate, ...options } = Object.fromEntries(
    changes.map(({ name, value }) => [name, value]),
  );
  return { ...settings, learningRate, options: { ...settings.options, ...options } };
}

interface AsLeft {
  readonly settings: Settings;
  /** What was set while the run went. */
  readonly changes: readonly { readonly name: string; readonly value: number }[];
}

/** What two settings have each in its own way: a setting or an option by its name, and both values. */
export interface Difference {
  readonly name: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** What a run is, beside its options. */
export const WHOLE = ["family", "data", "pictures", "learningRate", "epochs", "seed"] as const;

/** What differs between two settings; of different families those options are compared that both have. */
export function differences(a: Settings, b: Settings): Difference[] {
  // Other data are of another count by themselves.
  const compared = a.data === b.data ? WHOLE : WHOLE.filter((key) => key !== "pictures");
  const plain = compared.filter((key) => a[key] !== b[key]).map((name) => ({ name, a: a[name], b: b[name] }));
  const names = Object.keys(statements[a.family].options).filter((name) => optionNamed(b.family, name));
  const options = names
    .map((name) => ({ name, a: optionOf(a, name), b: optionOf(b, name) }))
    .filter(({ a, b }) => !same(a, b));
  return [...plain, ...options];
}
