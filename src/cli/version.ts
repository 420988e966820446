import { readFileSync } from "node:fs";

/** This package's version: package.json lies two folders up from here, in the sources as in dist. */
export const version: string = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
