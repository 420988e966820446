import type { Command, CommanderError } from "commander";
import { ReparamError } from "../errors.ts";
import { nearest } from "../nearest.ts";

/** commander's complaint as one sentence that names the nearest right word. */
export function usageError(error: CommanderError, program: Command, words: readonly string[]): ReparamError {
  const command = program.commands.find((candidate) => candidate.name() === words[0]) ?? program;
  const help = `\`${[...new Set(["reparam", command.name()])].join(" ")} --help\` lists what there is.`;
  const wrong = /'([^'=]*)/.exec(error.message)?.[1] ?? "";
  if (error.code === "commander.unknownOption") {
    const flags = command.options.flatMap((option) => option.long ?? []);
    const guess = nearest(wrong, [...flags, "--help"]);
    return new ReparamError("usage", `There is no option ${wrong}; did you mean ${guess}? ${help}`);
  }
  if (error.code === "commander.unknownCommand") {
    const guess = nearest(
      wrong,
      program.commands.map((candidate) => candidate.name()),
    );
    return new ReparamError("usage", `There is no command ${wrong}; did you mean ${guess}? ${help}`);
  }
  if (error.code === "commander.help") return new ReparamError("usage", `A command is missing. ${help}`);
  const text = error.message.replace(/^error: /, "").replace(/\.$/, "");
  return new ReparamError("usage", `${text[0].toUpperCase()}${text.slice(1)}. ${help}`);
}
