/** `normlens train FILE`: the same run as in the editor, without one. */
import { join, resolve } from "node:path";
import { openDataset } from "../data/openDataset";
import { trainabilityProblems } from "../graph/trainable";
import { PRODUCER } from "../producer";
import { predictionText } from "../protocol/numberText";
import { ProblemError } from "../protocol/problems";
import type { StartRunParams } from "../protocol/requests";
import { type FinishedRun, type PreparedRun, prepareRun } from "../training/executeRun";
import { type Hardware, thisHardware } from "../training/hardware";
import { RunControl } from "../training/runControl";
import { CliCommand } from "./cliCommand";
import { type ReadFile, readForCommand } from "./readForCommand";
import { readRun } from "../export/readRun";
import { resumeRequest } from "./resumeRequest";
import { FILE_TEXT } from "./sharedOptions";
import { type Progress, noProgress, progressOn } from "./terminal";
import { type TrainOptions, withTrainOptions } from "./trainOptions";
import { trainRequestOf } from "./trainRequest";
import { resultJson, resultText } from "./trainResult";

export const trainCommand = (): CliCommand =>
  withTrainOptions(
    new CliCommand("train")
      .description("Train the model of a file, and say what BN did.")
      .usage("[options] FILE")
      .argument("[FILE]", FILE_TEXT),
  )
    .examples(
      "normlens train model.py --data digits --epochs 5 --lr 0.05",
      "normlens train --resume 2026-11-20-083418-MnistMlp --steps 2000",
    )
    .does(train);

/** Exit code 0 for a run that completed or was stopped by Ctrl-C, 1 for one that diverged or failed. */
async function train(command: CliCommand): Promise<number> {
  const options = command.opts<TrainOptions>();
  const progress = options.json ? noProgress : progressOn(process.stderr);
  const prepared = prepareRun({ ...asked(command, options), runsFolder: options.runs }, thisEngine(), PRODUCER, {
    stepped: progress.show,
    recordsAppended: () => undefined,
  });
  process.stderr.write(`Needs ${predictionText(prepared.prediction, prepared.config.steps)}.\n`);
  const finished = await execute(prepared, progress);
  const recorded = readRun(prepared.runFolder);
  if (options.json) process.stdout.write(`${JSON.stringify(resultJson(prepared, finished, recorded))}\n`);
  else process.stdout.write(resultText(prepared, finished, recorded));
  return finished.status === "completed" || finished.status === "stopped" ? 0 : 1;
}

type Asked = Omit<StartRunParams, "runsFolder">;

function asked(command: CliCommand, options: TrainOptions): Asked {
  const [path] = command.args;
  if (options.resume === undefined && path === undefined) return command.error("FILE is missing for train.");
  if (options.resume === undefined) return newRun(path ?? "", options);
  if (path !== undefined) return command.error("--resume takes the model of the run: leave out FILE.");
  const { graph, run, request } = resumeRequest(options.resume, options);
  return { graph, request, name: run.name, comparison: run.comparison };
}

function newRun(path: string, options: TrainOptions): Asked {
  const { reading, lineWords } = readForData(path, options);
  const { variant } = reading;
  const problem = reading.problems[0] ?? (variant ? trainabilityProblems(variant)[0] : undefined);
  if (!variant || problem) throw new ProblemError(problem ?? { code: "no-model", path }, lineWords);
  const request = trainRequestOf(options, reading.data);
  // The editor finds a file's runs by its whole path.
  const graph = { ...variant, source: { ...variant.source, path: resolve(path) } };
  return { graph, request, name: "as written", comparison: null };
}

/** Reads a model. Where the file leaves the shape of its only input open, it is that of the data. */
function readForData(path: string, options: TrainOptions): ReadFile {
  const read = readForCommand(path, options);
  const [problem] = read.reading.problems;
  if (problem?.code !== "input-shape-unknown" || problem.inputs > 1) return read;
  const { data, split } = trainRequestOf(options, read.reading.data);
  const { shape, parts } = openDataset(data, split);
  return parts === undefined ? readForCommand(path, { ...options, input: [shape] }) : read;
}

const thisEngine = (): Hardware => thisHardware(join(__dirname, "kernelWorker.js"));

async function execute(prepared: PreparedRun, progress: Progress): Promise<FinishedRun> {
  const control = new RunControl();
  process.once("SIGINT", () => control.stop());
  try {
    return await prepared.execute(control);
  } finally {
    progress.clear();
  }
}
