import { Command, CommanderError } from "commander";
import { commands } from "./commands.ts";
import { failureEvent, reportFailure } from "./failure.ts";
import type { Execute, Services } from "./services.ts";
import { usageError } from "./usage.ts";
import { version } from "./version.ts";

/**
 * Runs `reparam` with these words after it, and returns its exit code. `servicesOf` makes what commands use, and is told how to
 * find out whether a browser may be installed.
 */
export async function runProgram(
  words: readonly string[],
  servicesOf: (mayInstall: () => boolean) => Services,
): Promise<number> {
  const services = servicesOf(() => program.opts<{ install: boolean }>().install);
  const { stdout, stderr } = services.terminal;
  let exitCode = 0;
  const execute: Execute = async (body) => {
    exitCode = await body(services);
  };
  const program = new Command("reparam")
    .description("Train autoencoders on the GPU with WebGPU, in headless Chromium or in Node.")
    .version(version, "-V, --version")
    .option("--no-install", "install no browser where there is none: say what is missing instead")
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => {},
    })
    .addHelpText(
      "after",
      `
Start here:
  reparam train            train a VAE on built-in digits, pictures in runs/<preset>_<date>
  reparam sample last      new digits from the newest run
  reparam doctor           browser, adapter, and what is missing

reparam <command> --help says more about each.`,
    );
  // No flag of the program takes a value, so the first word that is no flag names the command.
  const named = words.find((word) => !word.startsWith("-"));

  try {
    for (const { name, usage, summary, load } of commands) {
      const command = program.command(name).description(summary).usage(usage);
      if (name === named) (await load())(command, execute);
    }
    await program.parseAsync(words, { from: "user" });
    return exitCode;
  } catch (error) {
    const shown = error instanceof CommanderError;
    if (shown && error.exitCode === 0) return 0;
    const failure = shown ? usageError(error, program, words) : error;
    const exit = reportFailure(failure, stderr);
    // Whatever went wrong, and however early: who reads JSON lines is told in one.
    if (words.includes("--json")) stdout.write(`${JSON.stringify(failureEvent(failure, exit))}\n`);
    return exit.code;
  }
}
