/** What is known of a recording of a person's own training, as rows of label and value. What is unknown is left out. */
import { normLayersOf, type RunRecord } from "../../engine/protocol/records";
import type { RunView } from "../protocol";
import { counted, fileName, listed, thousands } from "../ui/format";
import type { RunModel } from "./runModel";

export interface RecordingFact {
  readonly label: string;
  readonly text: string;
  readonly kind?: "code" | "file";
}

/** Frameworks by the settings that contain their versions. */
const frameworks = [
  ["torch", "PyTorch"],
  ["keras", "Keras"],
  ["tensorflow", "TensorFlow"],
  ["jax", "JAX"],
  ["python", "Python"],
] as const;

/** Settings of the optimizer, by the names that recorders give them. */
const optimizerSettings = [
  ["optimizer", ""],
  ["learningRate", "learning rate "],
  ["momentum", "momentum "],
  ["weightDecay", "weight decay "],
  ["batchSize", "batch "],
] as const;

/** `probes`: their steps, as far as the panel has them. */
export function recordingFacts({ run, step, sampledSteps }: RunView, probes: readonly number[]): RecordingFact[] {
  if (!run) return [];
  const facts: RecordingFact[] = [
    { label: "Script", text: run.source === null ? "" : fileName(run.source.path), kind: "file" },
    { label: "Command", text: run.process?.command ?? "", kind: "code" },
    { label: "Host", text: run.process?.host ?? "" },
    { label: "Processes", text: processWords(run) },
    { label: "Model", text: modelWords(run) },
    { label: "With", text: settingWords(run, frameworks, " ") },
    { label: "Optimizer", text: settingWords(run, optimizerSettings, "") },
    { label: "Sampled", text: sampleWords(sampledSteps, step) },
    { label: "Probes", text: probes.length === 0 ? "" : `${thousands(probes.length)}, at ${stepsWords(probes)}` },
  ];
  return facts.filter(({ text }) => text !== "");
}

function processWords({ ranks, settings }: RunRecord): string {
  if (ranks === 1) return "";
  const buffers = settings["broadcastBuffers"];
  const broadcast =
    buffers === true
      ? "; each step begins with the buffers of rank 0"
      : buffers === false
        ? "; buffers are not broadcast"
        : "";
  return `${thousands(ranks)}, rank 0 is judged${broadcast}`;
}

function modelWords(run: RunRecord): string {
  const norms = normLayersOf(run);
  const channels = norms.reduce((sum, { norm }) => sum + (norm.channels ?? Number.NaN), 0);
  const parts = [
    run.model ?? "",
    counted(norms.length, "BN layer"),
    Number.isFinite(channels) ? counted(channels, "channel") : "",
    run.parameters === null ? "" : counted(run.parameters, "parameter"),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function settingWords({ settings }: RunRecord, names: readonly (readonly [string, string])[], gap: string): string {
  const known = names.flatMap(([key, words]) => {
    const value = settings[key];
    return value === undefined || value === null || value === "" ? [] : [`${words}${gap}${String(value)}`];
  });
  return known.join(", ");
}

const sampleWords = (sampled: number, steps: number): string =>
  sampled === 0 ? "" : `${thousands(Math.min(sampled, steps))} of ${counted(steps, "step")}`;

const stepsWords = (steps: readonly number[]): string =>
  `step${steps.length === 1 ? "" : "s"} ${listed(steps.map(thousands))}`;

/** What a recording does not contain, and why. */
export function unknownFacts(run: RunModel): RecordingFact[] {
  const { view } = run;
  const hasLoss = run.curve("loss", "loss").y.some(Number.isFinite);
  const hasGap = run.readings.some(({ gap }) => Number.isFinite(gap));
  const facts: RecordingFact[] = [
    {
      label: "Loss, accuracy",
      text: hasLoss ? "" : "The recorder reads running statistics only. Your script prints these.",
    },
    {
      label: "Train vs eval",
      text: hasGap ? "" : view.askable ? "Not measured yet. Probe now measures it." : "Not measured.",
    },
    { label: "Planned steps", text: (view.run?.plannedSteps ?? null) === null ? "Unknown until the script ends." : "" },
  ];
  const ended = !run.isLive;
  return facts.filter(({ text, label }) => text !== "" && !(ended && label === "Planned steps"));
}
