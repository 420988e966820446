import type { Command } from "commander";
import type { Execute } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";

export function addDoctor(program: Command, execute: Execute): void {
  program
    .command("doctor")
    .description("look at browsers, adapters, limits and features, and say what is missing and how to get it")
    .option("--json", "print the diagnosis as one line of JSON")
    .addHelpText("after", "\nExit code 3 when neither a browser nor Dawn can run anything here.")
    .action((options: { json?: boolean }) => {
      exitOnInterruption();
      return execute(async ({ terminal }) => {
        const { diagnose, renderDiagnosis } = await import("../host/doctor.ts");
        const diagnosis = await diagnose();
        terminal.stdout.write(`${options.json ? JSON.stringify(diagnosis) : renderDiagnosis(diagnosis)}\n`);
        return [...diagnosis.browsers, diagnosis.dawn].some(({ adapter }) => adapter) ? 0 : 3;
      });
    });
}
