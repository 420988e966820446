#!/usr/bin/env node
import { processServices } from "./process-services.ts";
import { runProgram } from "./program.ts";

// A reader that has seen enough (`reparam --help | head -1`) is no failure.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const exitCode = await runProgram(process.argv.slice(2), processServices);
// Pipes may still hold text, and Dawn would keep the process alive.
await new Promise((resolve) => process.stdout.write("", resolve));
process.exit(exitCode);
