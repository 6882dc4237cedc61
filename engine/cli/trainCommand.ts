/** `normlens train FILE`: the same run as in the editor, without one. */
import { join, resolve } from "node:path";
import { trainabilityProblems } from "../graph/trainable";
import { PRODUCER } from "../producer";
import { percentage, predictionText } from "../protocol/numberText";
import { ProblemError, describeProblem } from "../protocol/problems";
import type { StartRunParams } from "../protocol/requests";
import { median } from "../training/channelSummaries";
import { type FinishedRun, type PreparedRun, prepareRun } from "../training/executeRun";
import { type Machine, thisMachine } from "../training/machine";
import { RunControl } from "../training/runControl";
import { CliCommand } from "./cliCommand";
import { judgementText } from "./judgementText";
import { layerTable } from "./layerTable";
import { readForCommand } from "./readForCommand";
import { type ReadRun, readRun } from "./readRun";
import { resumeRequest } from "./resumeRequest";
import { FILE_TEXT } from "./sharedOptions";
import { type Progress, noProgress, progressOn } from "./terminal";
import { type TrainOptions, withTrainOptions } from "./trainOptions";
import { trainRequestOf } from "./trainRequest";

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
  const { reading, lineWords } = readForCommand(path, options);
  const { variant } = reading;
  const problem = reading.problems[0] ?? (variant ? trainabilityProblems(variant)[0] : undefined);
  if (!variant || problem) throw new ProblemError(problem ?? { code: "no-model", path }, lineWords);
  const request = trainRequestOf(options, reading.data);
  // The editor finds a file's runs by its whole path.
  const graph = { ...variant, source: { ...variant.source, path: resolve(path) } };
  return { graph, request, name: "as written", comparison: null };
}

const thisEngine = (): Machine => thisMachine(join(__dirname, "kernelWorker.js"));

async function execute(prepared: PreparedRun, progress: Progress): Promise<FinishedRun> {
  const control = new RunControl();
  process.once("SIGINT", () => control.stop());
  try {
    return await prepared.execute(control);
  } finally {
    progress.clear();
  }
}

function resultJson(
  { runFolder, session, prediction }: PreparedRun,
  { status, loop, threads }: FinishedRun,
  { summary }: ReadRun,
): object {
  const evaluation = summary.evals.at(-1);
  return {
    status,
    steps: loop?.step ?? session.step,
    finalLoss: loop?.finalLoss ?? null,
    testAccuracy: evaluation?.running?.accuracy ?? null,
    testAccuracyBatchStats: evaluation?.batch?.accuracy ?? null,
    testAccuracyPopulationStats: evaluation?.population?.accuracy ?? null,
    msPerStepMedian: loop && loop.stepMs.length > 0 ? Number(median([...loop.stepMs]).toFixed(4)) : null,
    threads,
    predicted: { memoryBytes: prediction.memoryBytes, msPerStep: prediction.stepMs },
    runFolder,
    findings: summary.findings,
  };
}

function resultText(
  { runFolder, session }: PreparedRun,
  { status, problem, loop, threads, threadRefusal }: FinishedRun,
  { run, summary, judgement }: ReadRun,
): string {
  const evaluation = summary.evals.at(-1);
  const reason = problem ? `${describeProblem(problem).sentence} ${describeProblem(problem).action}\n` : "";
  const accuracies = evaluation
    ? `Test accuracy ${percentage(evaluation.running?.accuracy)} % with running statistics, ${percentage(evaluation.population?.accuracy)} % with population, ${percentage(evaluation.batch?.accuracy)} % with batch statistics.\n`
    : "";
  const table = layerTable(run, judgement.layers, summary.populations.at(-1) ?? null);
  const together = threads > 1 ? ` on ${threads} threads` : "";
  const fewer =
    threadRefusal === null ? "" : `A thread could not take part, the others did its work: ${threadRefusal}\n`;
  return `Run ${status} after ${loop?.step ?? session.step} steps${together}. ${fewer}${reason}${accuracies}\n${judgementText(judgement)}\n${table}\nRecorded in ${runFolder}\n`;
}
