/** What lists, CodeLens and the status bar call a run and its state. Pure. */
import { l10n } from "vscode";
import { basename } from "node:path";
import type { RunState } from "../../engine/protocol/judgement";
import { isRecording } from "../../engine/protocol/producers";
import { percentage } from "../../engine/protocol/numberText";
import type { Run } from "../runs/run";
import { recordingTitle } from "./recordingWords";

/** What words need of a run. */
export type NamedRun = TitledRun & Pick<Run, "state" | "isLive" | "lastStep" | "lastAccuracy">;
/** What its title needs; `label` is the name that a person gave it. */
export type TitledRun = Pick<Run, "record" | "folder"> & Partial<Pick<Run, "label">>;

const stateNames: Readonly<Record<RunState, string>> = {
  starting: l10n.t("starting"),
  running: l10n.t("training"),
  paused: l10n.t("paused"),
  completed: l10n.t("completed"),
  stopped: l10n.t("stopped"),
  diverged: l10n.t("diverged"),
  failed: l10n.t("failed"),
  unsure: l10n.t("no sign of life yet"),
  interrupted: l10n.t("interrupted"),
};

export const stateWords = ({ state }: Pick<NamedRun, "state">): string => stateNames[state];

/** The class of the model without its arguments; empty where the run does not name its model. */
const modelOf = ({ record }: Pick<NamedRun, "record">): string => record?.model?.replace(/\(.*$/s, "") ?? "";

/** What a person calls it, else the run's own name; its folder's where it has none. */
function nameOf({ record, folder, label }: TitledRun): string {
  const name = label ?? record?.name ?? "";
  return name === "" ? basename(folder) : name;
}

/** The model where it is known, else the run's name: for titles with room for one of them. */
export function subjectOf(run: TitledRun): string {
  const model = modelOf(run);
  return model === "" ? nameOf(run) : model;
}

/**
 * What a person calls it; else "MnistMlp, as written", a recording "train.py, MnistMlp", or only the run's name where
 * the model is unknown.
 */
export function runTitle(run: TitledRun): string {
  const model = modelOf(run);
  if (typeof run.label === "string") return run.label;
  if (run.record && isRecording(run.record)) return recordingTitle(run.record, model) || nameOf(run);
  return model === "" ? nameOf(run) : l10n.t("{model}, {run}", { model, run: nameOf(run) });
}

/** "step 12 of 100"; the length is left out where it is unknown. */
export function stepWords({ record, lastStep }: Pick<NamedRun, "record" | "lastStep">): string {
  const planned = record?.plannedSteps ?? null;
  return planned === null ? l10n.t("step {0}", lastStep) : l10n.t("step {0} of {1}", lastStep, planned);
}

/** The step of a live run, the accuracy of a completed one, the state of any other. */
export function runDescription(run: NamedRun): string {
  if (run.isLive && run.record) return stepWords(run);
  if (run.state === "completed" && run.lastAccuracy !== null)
    return l10n.t("accuracy {0} %", percentage(run.lastAccuracy));
  return stateWords(run);
}

/** For the CodeLens above a model. */
export function lastRunWords(run: NamedRun): string {
  if (run.isLive) return run.state === "paused" ? l10n.t("Open paused run") : l10n.t("Open training run");
  if (run.lastAccuracy === null) return l10n.t("Last run: {0}", stateWords(run));
  return l10n.t("Last run: {state}, accuracy {accuracy} %", {
    state: stateWords(run),
    accuracy: percentage(run.lastAccuracy),
  });
}
