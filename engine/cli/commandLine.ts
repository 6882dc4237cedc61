/** The command line as a whole: its commands, and what becomes of an error. */
import { CommanderError } from "commander";
import { VERSION } from "../producer";
import { ProblemError, describeProblem } from "../protocol/problems";
import { CliCommand } from "./cliCommand";
import { inspectCommand } from "./inspectCommand";
import { lintCommand } from "./lintCommand";
import { recalibrateCommand } from "./recalibrateCommand";
import { recordCommand } from "./recordCommand";
import { runsCommand } from "./runsCommand";
import { styledFor } from "./terminal";
import { trainCommand } from "./trainCommand";
import { UsageError } from "./usageError";

const program = (): CliCommand =>
  new CliCommand("normlens")
    .description("Debug batch normalization (BN) in PyTorch, Keras and TensorFlow.js models.")
    .version(VERSION, "-V, --version", "Show the version.")
    .helpCommand("help [COMMAND]", "Show the options of a command.")
    .enablePositionalOptions()
    .addCommand(inspectCommand())
    .addCommand(lintCommand())
    .addCommand(trainCommand())
    .addCommand(recordCommand())
    .addCommand(recalibrateCommand())
    .addCommand(runsCommand())
    .examples("normlens lint src", "normlens train model.py --data digits", "normlens train --help")
    .addHelpText("after", "\nExit codes: 0 fine, 1 findings, a failed run or an unreadable file,\n2 wrong usage.");

/** Runs a command to its end, which sets `process.exitCode`; `runs` alone lists them. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(args.length === 1 && args[0] === "runs" ? ["runs", "list"] : args, { from: "user" });
  } catch (error) {
    process.exitCode = explain(error);
  }
}

function explain(error: unknown): number {
  // Commander ends with one after it has printed the help or the version.
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof UsageError) return say(error.message, `\n${error.hint}`, 2);
  if (!(error instanceof ProblemError)) throw error;
  const { sentence, action } = describeProblem(error.problem, error.lineWords);
  return say(sentence, ` ${action}`, 1);
}

function say(what: string, next: string, code: 1 | 2): number {
  process.stderr.write(`${styledFor(process.stderr)("red", "normlens:")} ${what}${next}\n`);
  return code;
}
