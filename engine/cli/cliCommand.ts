/** One command with its options: Commander's, with our way to read values and to say what is wrong. */
import { Command, type HelpContext, Option } from "commander";
import { nearestWord } from "../source/annotations/nearestWord";
import { styledFor } from "./terminal";
import { UsageError, usageErrorOf } from "./usageError";
import type { ValueReader } from "./valueReaders";

export class CliCommand extends Command {
  constructor(name?: string) {
    super(name);
    this.exitOverride()
      .helpOption("-h, --help", "Show this help.")
      .configureHelp({
        subcommandTerm: (command) => command.name(),
        styleTitle: (title) => styledFor(process.stdout)("bold", title),
      });
  }

  override createCommand(name?: string): CliCommand {
    return new CliCommand(name);
  }

  /** An option with a value, such as `--batch <N>`. */
  value<T>(flags: string, text: string, reader: ValueReader<T>): this {
    const option = new Option(flags, text);
    return this.addOption(option.argParser((given) => this.read(option, given, reader)));
  }

  /** The option before this call can't be used with these, named as in `opts()`. */
  excluding(...names: readonly string[]): this {
    this.options.at(-1)?.conflicts([...names]);
    return this;
  }

  examples(...lines: readonly string[]): this {
    const title = styledFor(process.stdout)("bold", "Examples:");
    return this.addHelpText("after", () => ["", title, ...lines.map((line) => `  ${line}`)].join("\n"));
  }

  /** What the command does: `work` returns the exit code. */
  does(work: (command: this) => number | Promise<number>): this {
    return this.action(async () => {
      try {
        process.exitCode = await work(this);
      } catch (error) {
        if (error instanceof UsageError) this.error(error.message);
        throw error;
      }
    });
  }

  /** Throws a UsageError. */
  override error(message: string, { code }: { code?: string } = {}): never {
    throw usageErrorOf(this, message, code);
  }

  /** Commander would print the whole help where a command is missing. */
  override help(context?: HelpContext | ((text: string) => string)): never {
    return typeof context === "object" && context.error ? this.error("a command is missing.") : super.help();
  }

  private read<T>(option: Option, given: string, { takes, choices = [], read }: ValueReader<T>): T {
    const name = option.long ?? option.flags;
    if (given.startsWith("--")) return this.error(`${name} needs a value, and ${given} is an option.`);
    const value = read(given);
    if (value !== undefined) return value;
    const nearest = nearestWord(given, choices);
    const suggestion = nearest === null || given.startsWith(nearest) ? "" : `\n(Did you mean ${nearest}?)`;
    return this.error(`${name} takes ${takes}, not ${given}.${suggestion}`);
  }
}
