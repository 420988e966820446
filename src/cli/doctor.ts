import type { Command } from "commander";
import { ReparamError } from "../errors.ts";
import type { Execute } from "./services.ts";
import { exitOnInterruption } from "./signals.ts";

interface DoctorOptions {
  readonly json?: boolean;
  readonly selftest?: boolean;
  readonly host?: string;
}

export function defineDoctor(command: Command, execute: Execute): void {
  command
    .option("--selftest", "run every kernel against its float64 reference, and print a table for a bug report")
    .option("--host <host>", "with --selftest: chromium (the default) or dawn")
    .option("--json", "print the diagnosis, or the self-test, as one line of JSON")
    .addHelpText(
      "after",
      "\nExit code 3 when neither a browser nor Dawn can run anything here; 1 when a kernel of --selftest is wrong.",
    )
    .action((options: DoctorOptions) => {
      exitOnInterruption();
      return execute(async (services) => {
        if (options.selftest) return (await import("./self-test.ts")).selfTestHere(options, services);
        if (options.host !== undefined) throw new ReparamError("usage", "--host goes with --selftest.");
        const { diagnose, renderDiagnosis } = await import("../host/doctor.ts");
        const diagnosis = await diagnose();
        services.terminal.stdout.write(`${options.json ? JSON.stringify(diagnosis) : renderDiagnosis(diagnosis)}\n`);
        return [...diagnosis.browsers, diagnosis.dawn].some(({ adapter }) => adapter) ? 0 : 3;
      });
    });
}
