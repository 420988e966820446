/** A file whose bytes are read when they are needed. */
export interface Source {
  /** Where it lies below what was given, with / between the parts: `train/cats/7.png`; its name where it was given alone. */
  readonly path: string;
  /** What it is called in a sentence. */
  readonly name: string;
  bytes(): Promise<Uint8Array>;
}

/** The last part of a path, for lines that need not say where it lies. */
export const lastPart = (path: string): string => path.split(/[/\\]/).at(-1) || path;

/** Kinds of data files. */
export type SourceKind = "idx" | "npy" | "npz" | "table" | "text" | "image";

const ENDINGS: readonly (readonly [RegExp, SourceKind])[] = [
  [/[.-]idx(\d-\w+)?$/, "idx"],
  [/\.npy$/, "npy"],
  [/\.npz$/, "npz"],
  [/\.(csv|tsv|tab)$/, "table"],
  [/\.(txt|data|dat)$/, "text"],
  [/\.(png|jpe?g)$/, "image"],
];

/** What a file is by its name, gzipped or not; undefined for what no reader knows. */
export function kindOfName(path: string): SourceKind | undefined {
  const name = path.toLowerCase().replace(/\.gz$/, "");
  return ENDINGS.find(([ending]) => ending.test(name))?.[1];
}

/** Files that systems leave beside a person's own. */
export const isHidden = ({ path }: Source): boolean =>
  path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");

/** The files without the folder that all of them lie in, such as `photos/`, which was picked or packed: it is no class. */
export function insideCommonFolder(sources: readonly Source[]): Source[] {
  const folder = commonFolder(sources);
  return sources.map((source) => ({ ...source, path: source.path.slice(folder.length) }));
}

/** The folder that all files lie in, with its /; empty where there is none. */
export function commonFolder(sources: readonly Source[]): string {
  const path = sources[0]?.path ?? "";
  const folder = path.slice(0, path.indexOf("/") + 1);
  return sources.every((source) => source.path.startsWith(folder)) ? folder : "";
}

/** Folders and names in the order in which a person reads them: `2.png` before `10.png`, on every machine. */
export function inReadingOrder(sources: readonly Source[]): Source[] {
  const { compare } = new Intl.Collator("en", { numeric: true });
  return sources.toSorted((a, b) => compare(a.path, b.path) || (a.path < b.path ? -1 : 1));
}
