/** `normlens record COMMAND…`: runs a command so that the recorder records what its Python processes train. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants } from "node:os";
import { join } from "node:path";
import { BOOTSTRAP, recordingEnvironment } from "../runs/recordingEnvironment";
import { DEFAULT_RUNS_FOLDER } from "../runs/runFolder";
import { CliCommand } from "./cliCommand";
import { blockingOption } from "./pythonOptions";
import { anyText } from "./valueReaders";

interface RecordOptions {
  readonly runs?: string;
  readonly name?: string;
}

export const recordCommand = (): CliCommand =>
  new CliCommand("record")
    .description("Record BN while a command trains with PyTorch or Keras.")
    .argument("<COMMAND...>", "A command that starts Python, with its own arguments.")
    .value("--runs <DIR>", `The folder of runs (default: ${DEFAULT_RUNS_FOLDER}).`, anyText)
    .value("--name <NAME>", "The name of the run.", anyText)
    .passThroughOptions()
    .examples("normlens record python train.py --epochs 10", "normlens record torchrun --nproc-per-node 2 train.py")
    .addHelpText(
      "after",
      "\nThe command keeps its exit code. 127: there is no such command, 126: it can't be\nstarted.",
    )
    .does(record);

function record(command: CliCommand): Promise<number> {
  const [program = "", ...args] = command.args;
  const option = blockingOption(program, args);
  if (option !== null)
    say(`Python does not start the recorder with ${option}, so nothing is recorded. Leave out ${option}.`);
  const { runs, name } = command.opts<RecordOptions>();
  const env = recordingEnvironment(process.env, {
    // The package lies beside this bundle.
    bootstrap: join(__dirname, BOOTSTRAP),
    directory: process.cwd(),
    launch: randomBytes(8).toString("hex"),
    runs,
    name,
  });
  return runToItsEnd(program, args, env);
}

/** Returns the exit code as a shell has it: 128 and the number of the signal that ended the command. */
function runToItsEnd(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: "inherit" });
    const stopPassing = passSignals((signal) => child.kill(signal));
    child.once("error", (error: NodeJS.ErrnoException) => {
      stopPassing();
      resolve(notStarted(program, error));
    });
    child.once("exit", (code, signal) => {
      stopPassing();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

function passSignals(pass: (signal: NodeJS.Signals) => void): () => void {
  // A terminal sends these to every process in front of it: passed on, the command would get them twice.
  const fromKeys: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const listeners = [...fromKeys, "SIGTERM" as const, "SIGHUP" as const].map((signal) => {
    const listener = (): void => {
      if (!(hasTerminal && fromKeys.includes(signal))) pass(signal);
    };
    process.on(signal, listener);
    return { signal, listener };
  });
  return () => listeners.forEach(({ signal, listener }) => process.off(signal, listener));
}

function notStarted(program: string, { code = "", message }: NodeJS.ErrnoException): number {
  if (code === "ENOENT" || code === "ENOTDIR")
    return say(`there is no command ${program} here. Check its name and your PATH.`, 127);
  const reason = code === "EACCES" ? "it is not an executable file" : message;
  const hint = program.endsWith(".py") ? ` Start it with Python: normlens record python ${program}` : "";
  return say(`${program} can't be started: ${reason}.${hint}`, 126);
}

function say(text: string, code = 0): number {
  process.stderr.write(`normlens: ${text}\n`);
  return code;
}
