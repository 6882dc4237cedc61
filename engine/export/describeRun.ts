/** A run in one line and as one JSON document, for whoever takes it away. */
import type { RunFinding } from "../protocol/finding";
import type { RunRecord } from "../protocol/records";
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

/** `completed, step 400 of 400` */
export const stateText = ({ run, summary, state }: ReadRun): string =>
  `${state}, step ${stepsText(run, summary.lastStep)}`;

/** The data, how it was trained, and the size of the model. */
export function settingsLine(run: RunRecord): string {
  const settings = run.config ? settingsText(run.config) : observedText(run);
  const dataText = [run.data?.name, settings].filter(Boolean).join(", ");
  return `${dataText}${splitText(run)}; ${run.parameters ?? "unknown"} parameters.`;
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
