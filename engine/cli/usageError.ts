/** What a wrong command line prints: always two lines. */
import type { Command } from "commander";

/** Exit code 2. `message` says what is wrong; `hint` says what to do, once the command is known. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly hint = "",
  ) {
    super(message);
  }
}

type Sentence = (names: readonly string[], command: Command) => string;

/** Commander's errors by their codes; `names` are the parts of its message between quotes. */
const sentences: Readonly<Record<string, Sentence>> = {
  "commander.unknownOption": ([option = ""], command) => `unknown option ${flagOf(option)}${forCommand(command)}.`,
  "commander.unknownCommand": ([name = ""], command) => `unknown command ${[...pathOf(command), name].join(" ")}.`,
  "commander.missingArgument": ([name = ""], command) => `${name} is missing${forCommand(command)}.`,
  "commander.optionMissingArgument": ([option = ""]) => `${flagOf(option)} needs a value.`,
  "commander.conflictingOption": ([one = "", other = ""]) => `${flagOf(one)} can't be used with ${flagOf(other)}.`,
  "commander.excessArguments": (_names, command) =>
    `${command.args[command.registeredArguments.length] ?? ""} is one argument too many${forCommand(command)}.`,
};

/** `message` is Commander's own text, or ours where it has no code of Commander's. */
export function usageErrorOf(command: Command, message: string, code = ""): UsageError {
  const [first = "", suggestion = ""] = message.split("\n");
  const names = [...first.matchAll(/'([^']*)'/g)].map(([, name = ""]) => name);
  const sentence = sentences[code]?.(names, command) ?? first;
  return new UsageError(sentence, `${suggestion.replace(/^\((.*)\)$/, "$1 ")}${helpHint(command)}`);
}

function helpHint(command: Command): string {
  const what = command.commands.length > 0 ? "commands" : "options";
  return `Run "${["normlens", ...pathOf(command), "--help"].join(" ")}" for all ${what}.`;
}

/** `--epochs` of `--epochs <N>` and of `--epochs=3`. */
const flagOf = (option: string): string => option.replace(/[ =].*$/, "");

const forCommand = (command: Command): string => (command.parent ? ` for ${pathOf(command).join(" ")}` : "");

/** The names that lead to a command, without `normlens`. */
function pathOf(command: Command): string[] {
  return command.parent ? [...pathOf(command.parent), command.name()] : [];
}
