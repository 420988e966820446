// Vite builds each worker apart from the page, so that what both need is loaded twice: models, ops, the digits' drawer. Here the
// script of a worker is a chunk of the page's own build, and what they share lies in chunks that both import.

const WORKER = /new URL\("(\.\/[^"]+\.ts)", import\.meta\.url\)/g;

export const workersInThePagesBuild = () => ({
  name: "workers-in-the-pages-build",
  apply: "build",
  enforce: "pre", // before Vite makes a build of its own of them
  transform: {
    filter: { code: "new Worker(" },
    async handler(code, importer) {
      const scripts = await Promise.all(
        [...code.matchAll(WORKER)].map(async ([text, file]) => {
          const { id } = await this.resolve(file, importer);
          return [text, this.emitFile({ type: "chunk", id })];
        }),
      );
      return scripts.reduce((code, [text, chunk]) => code.replace(text, `import.meta.ROLLUP_FILE_URL_${chunk}`), code);
    },
  },
});

/** Vite preloads what a chunk imports through the document, which workers that load the same chunk do not have. */
export const plainImports = () => ({
  name: "plain-imports",
  apply: "build",
  transform: {
    filter: { id: /vite\/preload-helper/ },
    handler: () => "export const __vitePreload = (load) => load();",
  },
});

/** The document asks at once for all that a chunk of that name imports, which the page opens with. */
export const preloaded = (opening) => ({
  name: "preloaded",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler(_, { bundle }) {
      const files = new Set();
      const add = (file) => {
        if (files.has(file)) return;
        files.add(file);
        bundle[file].imports.forEach(add);
      };
      for (const { fileName, name } of Object.values(bundle)) if (name === opening) add(fileName);
      return [...files].map((file) => ({
        tag: "link",
        injectTo: "head",
        attrs: { rel: "modulepreload", crossorigin: true, href: `./${file}` },
      }));
    },
  },
});

/** One chunk of a file and all that it imports, as every visitor loads them: in many small ones they compress worse. */
export function inOneChunk(name, file) {
  let inside;
  return {
    name: (id, modules) => {
      inside ??= imported(file, modules);
      return inside.has(id) ? name : null;
    },
  };
}

/** The modules that a file imports at once, those that these import, and so on, the file among them. */
function imported(file, modules) {
  const found = new Set([file]);
  for (const id of found) for (const other of modules.getModuleInfo(id).importedIds) found.add(other);
  return found;
}
