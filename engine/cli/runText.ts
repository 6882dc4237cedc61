/** One run as `normlens runs show` prints it: in words and tables, or as one JSON document. */
import type { RunFinding } from "../protocol/finding";
import { describeProblem } from "../protocol/problems";
import { percentage } from "../protocol/numberText";
import type { EvalRecord, RunRecord } from "../protocol/records";
import { judgementText } from "./judgementText";
import { activityTable, layerTable } from "./layerTable";
import type { ReadRun } from "./readRun";
import { settingsText } from "./settingsText";

/** Numbers that were not measured are null: JSON has no NaN. */
export function runJson({ folder, run, summary, reader, state, judgement }: ReadRun): object {
  return {
    folder,
    name: run.name,
    model: run.model,
    modelFile: run.source?.path ?? null,
    startedAt: run.startedAt,
    status: state,
    reason: summary.end?.reason ?? null,
    steps: summary.lastStep,
    plannedSteps: run.plannedSteps,
    testAccuracy: summary.evals.findLast(({ running }) => running !== null)?.running?.accuracy ?? null,
    run,
    badLines: reader.badLines,
    damage: reader.damage,
    findings: judgement.findings.map((finding) => findingJson(finding, run)),
    judgement,
    lastRecords: {
      population: summary.populations.at(-1) ?? null,
      gap: summary.gaps.at(-1) ?? null,
      eval: summary.evals.at(-1) ?? null,
    },
  };
}

/** Layers by the names that a person reads. */
function findingJson({ line: _, layers, ...finding }: RunFinding, run: RunRecord): object {
  return { ...finding, layers: layers.map((id) => run.layers.find((layer) => layer.id === id)?.name ?? id) };
}

export function runText(read: ReadRun): string {
  const { run, summary, judgement } = read;
  const { end, evals, populations, samples } = summary;
  const reason = end?.reason ? ` ${describeProblem(end.reason).sentence}` : "";
  return [
    `${run.model ?? run.producer}, ${run.name}: ${stateText(read)}.${reason}`,
    settingsLine(run),
    accuracyText(evals.at(-1)),
    "",
    judgementText(judgement),
    layerTable(run, judgement.layers, populations.at(-1) ?? null),
    activityTable(samples.values()),
  ].join("\n");
}

/** `completed, step 400 of 400` */
export const stateText = ({ run, summary, state }: ReadRun): string =>
  `${state}, step ${stepsText(run, summary.lastStep)}`;

/** The data, how it was trained, and the size of the model. */
export function settingsLine(run: RunRecord): string {
  const settings = run.config ? settingsText(run.config) : observedText(run);
  const dataText = [run.data?.name, settings].filter(Boolean).join(", ");
  return `${dataText}${splitText(run)}; ${run.parameters ?? "unknown"} parameters.`;
}

function accuracyText({ running, batch, population }: Partial<EvalRecord> = {}): string {
  if (!running && !batch && !population) return "";
  const others = `batch statistics ${percentage(batch?.accuracy)} %, population ${percentage(population?.accuracy)} %`;
  return `Test accuracy ${percentage(running?.accuracy)} % (${others}).`;
}

/** "12 of 100"; without the length where that is unknown. */
export const stepsText = ({ plannedSteps }: RunRecord, lastStep: number): string =>
  plannedSteps === null ? String(lastStep) : `${lastStep} of ${plannedSteps}`;

/** What another producer saw of the settings. */
const observedText = ({ settings }: RunRecord): string =>
  Object.entries(settings)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");

const splitText = ({ config, data }: RunRecord): string =>
  config?.split === undefined || data === null
    ? ""
    : `, ${data.testSamples} of ${(data.trainSamples ?? 0) + (data.testSamples ?? 0)} kept for testing`;
