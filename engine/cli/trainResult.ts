/** What `normlens train` prints at the end of a run: one JSON document, or words and a table. */
import { percentage } from "../protocol/numberText";
import { describeProblem } from "../protocol/problems";
import type { EvalRecord } from "../protocol/records";
import { median } from "../training/channelSummaries";
import type { FinishedRun, PreparedRun } from "../training/executeRun";
import { judgementText } from "./judgementText";
import { layerTable } from "./layerTable";
import type { ReadRun } from "../export/readRun";

export function resultJson(
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

export function resultText(
  { runFolder, session }: PreparedRun,
  { status, problem, loop, threads, threadRefusal }: FinishedRun,
  { run, summary, judgement }: ReadRun,
): string {
  const text = problem === null ? null : describeProblem(problem);
  const sentences = [
    `Run ${status} after ${loop?.step ?? session.step} steps${threads > 1 ? ` on ${threads} threads` : ""}.`,
    threadRefusal === null ? "" : `A thread could not take part, the others did its work: ${threadRefusal}`,
    text === null ? "" : `${text.sentence} ${text.action}`,
    accuracyText(summary.evals.at(-1)),
  ];
  const table = layerTable(run, judgement.layers, summary.populations.at(-1) ?? null);
  const first = sentences.filter(Boolean).join(" ");
  return `${first}\n\n${judgementText(judgement)}\n${table}\nRecorded in ${runFolder}\n`;
}

function accuracyText(evaluation: EvalRecord | undefined): string {
  if (!evaluation) return "";
  const [running, population, batch] = [evaluation.running, evaluation.population, evaluation.batch].map(
    (measured) => `${percentage(measured?.accuracy)} %`,
  );
  const others = `${population} with population, ${batch} with batch statistics`;
  return `Test accuracy ${running} with running statistics, ${others}.`;
}
