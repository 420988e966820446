#!/usr/bin/env node
// The command `reparam`. What it takes from npm is optional for apps that only embed the library, and may be missing.
try {
  await import("./main.ts");
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== "ERR_MODULE_NOT_FOUND" || !/'(commander|playwright-core)'/.test(message)) throw error;
  console.error("reparam: the command line's packages were left out: run `npm install commander playwright-core`.");
  process.exitCode = 1;
}
