/** What is said where something could not be loaded that comes when it is first asked for. */
export const notLoaded = (what: string): string => `${what} could not be loaded: the connection may be gone.`;

/** Loads what reads a person's files: most visitors bring none. */
export const loadReader = () => import("../../src/data/read-dataset.ts");
/** Loads what reads a model that somebody kept. */
export const loadModelReader = () => import("./model-file.ts");
/** Loads what saves a walk. */
export const loadFilm = () => import("./film.ts");
