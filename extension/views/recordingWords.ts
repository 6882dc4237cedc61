/** What the Runs view says of a person's own training that was recorded. What is unknown is left out. Pure. */
import { l10n } from "vscode";
import { fileName } from "../../engine/protocol/numberText";
import type { RunFinding } from "../../engine/protocol/finding";
import type { RunRecord } from "../../engine/protocol/records";

/** The names of frameworks, by the settings that contain their versions, in the order that a person gives them. */
const frameworks = [
  ["torch", "PyTorch"],
  ["keras", "Keras"],
  ["tensorflow", "TensorFlow"],
  ["jax", "JAX"],
  ["python", "Python"],
] as const;

/** "PyTorch 2.13.0, Python 3.11.7". */
export const frameworkWords = ({ settings }: Pick<RunRecord, "settings">): string =>
  frameworks.flatMap(([key, name]) => (settings[key] ? [`${name} ${String(settings[key])}`] : [])).join(", ");

/** "train.py, Net": a person looks for the script first. */
export function recordingTitle(record: RunRecord, model: string): string {
  const script = record.name || fileName(record.source?.path ?? "");
  return [script, model].filter((part) => part !== "").join(", ");
}

/** "16:15" of today, "Nov 28, 16:15" of another day. */
export function whenWords(startedAt: string | null, now = new Date()): string {
  const at = new Date(startedAt ?? Number.NaN);
  if (Number.isNaN(at.getTime())) return "";
  const time = { hour: "2-digit", minute: "2-digit" } as const;
  return at.toDateString() === now.toDateString()
    ? at.toLocaleTimeString(undefined, time)
    : at.toLocaleString(undefined, { month: "short", day: "numeric", ...time });
}

/** "statistics behind, 1 more": there is room for a few words only, so the rule is called by its id. */
export function worstWords(findings: readonly RunFinding[]): string {
  const [worst] = findings;
  if (!worst) return "";
  const finding = worst.rule.replaceAll("-", " ");
  return findings.length === 1 ? finding : l10n.t("{finding}, {count} more", { finding, count: findings.length - 1 });
}

/** Lines of a tooltip. */
export function recordingFacts({ process, ranks, settings, ...record }: RunRecord): string[] {
  const optimizer = settings["optimizer"];
  const facts = [
    process?.command ? l10n.t("Command: {0}", process.command) : "",
    process?.host ? l10n.t("Host: {0}", process.host) : "",
    ranks > 1 ? l10n.t("{0} processes, of which rank 0 is judged", ranks) : "",
    frameworkWords({ settings }),
    typeof optimizer === "string" ? l10n.t("Optimizer: {0}", optimizer) : "",
    record.source === null ? "" : l10n.t("Script: {0}", record.source.path),
  ];
  return facts.filter((fact) => fact !== "");
}
