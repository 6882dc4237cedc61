/** `normlens train FILE`: the same run as in the editor, without one. */
import { join, resolve } from "node:path";
import { trainabilityProblems } from "../graph/trainable";
import { PRODUCER } from "../producer";
import { ProblemError, describeProblem } from "../protocol/problems";
import type { StartRunParams } from "../protocol/requests";
import { DEFAULT_RUNS_FOLDER } from "../runs/runFolder";
import { median } from "../training/channelSummaries";
import { type FinishedRun, type PreparedRun, prepareRun } from "../training/executeRun";
import { thisHardware } from "../training/hardware";
import { RunControl } from "../training/runControl";
import { judgementText } from "./judgementText";
import { layerTable } from "./layerTable";
import { type ParsedOptions, parseOptions, stringOption, trainOptionTypes, trainRequestOf } from "./options";
import { readForCommand } from "./readForCommand";
import { type ReadRun, readRun } from "./readRun";
import { resumeRequest } from "./resumeRequest";
import { trainingOptionTypes, trainingSettings } from "./trainingOptions";
import { percentage, predictionText } from "../protocol/numberText";

const PROGRESS_INTERVAL_MS = 1000;

/** Exit code 0 for a run that completed or was stopped by Ctrl-C, 1 for one that diverged or failed. */
export async function trainCommand(args: readonly string[]): Promise<number> {
  const isResumed = args.some((argument) => /^--resume(=|$)/.test(argument));
  const { values, positionals } = parseOptions(
    args,
    { ...trainOptionTypes, ...trainingOptionTypes, resume: { type: "string" } },
    isResumed ? [] : ["FILE"],
  );
  const resume = stringOption(values, "resume");
  const prepared = resume === undefined ? prepare(positionals[0] ?? "", values) : prepareResumed(resume, values);
  process.stderr.write(`Needs ${predictionText(prepared.prediction, prepared.config.steps)}.\n`);
  const control = new RunControl();
  process.once("SIGINT", () => control.stop());
  const finished = await prepared.execute(control);
  const recorded = readRun(prepared.runFolder);
  if (values["json"]) process.stdout.write(`${JSON.stringify(resultJson(prepared, finished, recorded))}\n`);
  else process.stdout.write(resultText(prepared, finished, recorded));
  return finished.status === "completed" || finished.status === "stopped" ? 0 : 1;
}

function prepare(path: string, values: ParsedOptions): PreparedRun {
  const { reading, lineWords } = readForCommand(path, values);
  const { variant } = reading;
  const problem = reading.problems[0] ?? (variant ? trainabilityProblems(variant)[0] : undefined);
  if (!variant || problem) throw new ProblemError(problem ?? { code: "no-model", path }, lineWords);
  const request = trainRequestOf(values, reading.data);
  const settings = trainingSettings(values, request);
  // The editor finds a file's runs by its whole path.
  const graph = { ...variant, source: { ...variant.source, path: resolve(path) } };
  return start({ graph, request: { ...request, ...settings }, name: "as written", comparison: null }, values);
}

function prepareResumed(name: string, values: ParsedOptions): PreparedRun {
  const { graph, run, request } = resumeRequest(name, values);
  return start({ graph, request, name: run.name, comparison: run.comparison }, values);
}

function start(params: Omit<StartRunParams, "runsFolder">, values: ParsedOptions): PreparedRun {
  const progress = values["json"] ? () => undefined : progressPrinter();
  const runsFolder = stringOption(values, "runs") ?? DEFAULT_RUNS_FOLDER;
  return prepareRun({ ...params, runsFolder }, thisHardware(join(__dirname, "kernelWorker.js")), PRODUCER, {
    stepped: progress,
    recordsAppended: () => undefined,
  });
}

/** Says where the run is at most once a second, on stderr, so that stdout stays the result. */
function progressPrinter(): (step: number, steps: number) => void {
  let lastMs = performance.now();
  return (step, steps) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < PROGRESS_INTERVAL_MS) return;
    lastMs = nowMs;
    process.stderr.write(`step ${step} of ${steps}\n`);
  };
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
