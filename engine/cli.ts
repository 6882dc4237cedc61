/** `normlens` on the command line: picks the command, turns its outcome into an exit code. */
import { inspectCommand } from "./cli/inspectCommand";
import { lintCommand } from "./cli/lintCommand";
import { recalibrateCommand } from "./cli/recalibrateCommand";
import { runsCommand } from "./cli/runsCommand";
import { trainCommand } from "./cli/trainCommand";
import { UsageError } from "./cli/options";
import { ProblemError, describeProblem } from "./protocol/problems";

const USAGE = `Usage:
  normlens inspect FILE [--model EXPR] [--input 1x28x28] [--json]
  normlens lint PATH… [--format text|json|sarif] [--baseline FILE | --write-baseline FILE]
  normlens train FILE [--model EXPR] [--input 1x28x28] [--data SPEC] [--init FILE.safetensors] [--normalize none|mean=…,std=…]
                 [--epochs N | --steps N] [--batch N] [--lr X] [--seed N] [--runs DIR] [--json]
                 [--optimizer sgd|momentum|adam|adamw|rmsprop] [--momentum X] [--nesterov]
                 [--weight-decay X] [--no-decay-norm] [--no-decay-bias] [--clip-norm X]
                 [--schedule constant|step:N[:GAMMA]|cosine[:LOWEST]|one-cycle[:RISE]] [--warmup N]
                 [--loss cross-entropy|mse|bce] [--label-smoothing X]
                 [--accumulate N] [--order shuffled|sequential|sorted|one-class] [--split SHARE] [--drop-last | --keep-last]
                 [--threads N] [--initialize pytorch|he|xavier|orthogonal|normal:X] [--checkpoint-every N]
                 [--memory-limit 2GB]
  normlens train --resume RUN|CHECKPOINT [--epochs N | --steps N] [--checkpoint-every N] [--threads N]
                 [--memory-limit 2GB] [--runs DIR] [--json]
  normlens recalibrate RUN|CHECKPOINT [--samples N] [--runs DIR] [--json]
  normlens runs list [--runs DIR] [--json]
  normlens runs show RUN [--json]
  normlens runs check FOLDER [--json]

FILE is a Python file, a JavaScript or TypeScript file with TensorFlow.js, or a notebook (.ipynb). Of a notebook the
Python cells are read as one text: JSON output counts lines in it, text output names the cell.

Exit codes: 0 fine, 1 findings, a failed run or an unreadable file, 2 wrong usage.
`;

const commands: Readonly<Record<string, (args: readonly string[]) => number | Promise<number>>> = {
  inspect: inspectCommand,
  lint: lintCommand,
  train: trainCommand,
  recalibrate: recalibrateCommand,
  runs: runsCommand,
};

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  if (name === "--help" || name === "-h") {
    process.stdout.write(USAGE);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(name === "" ? "a command is missing" : `there is no command ${name}`);
  return command(args);
}

function explain(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`normlens: ${error.message}\n\n${USAGE}`);
    return 2;
  }
  if (error instanceof ProblemError) {
    const { sentence, action } = describeProblem(error.problem, error.lineWords);
    process.stderr.write(`normlens: ${sentence} ${action}\n`);
    return 1;
  }
  throw error;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => (process.exitCode = explain(error)),
);
