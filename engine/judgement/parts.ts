/** The pieces a verdict is made of. */
import {
  type Answer,
  type JudgedView,
  type LayerReading,
  type Part,
  type Health,
  type Verdict,
  type VerdictTone,
  viewTitles,
} from "../protocol/judgement";
import { worst } from "./severity";

export const answer = (label: string, ...parts: readonly Part[]): Answer => ({ label, parts });
export const strong = (text: string): Part => ({ kind: "strong", text });
export const code = (text: string): Part => ({ kind: "code", text });
export const layerPart = ({ id, name }: Pick<LayerReading, "id" | "name">): Part => ({ kind: "layer", id, name });

/** A link to a view, by the name its tab has. */
export const viewPart = (view: JudgedView): Part => ({ kind: "view", view, text: viewTitles[view] });

export const toneOf = (severities: readonly Health[]): VerdictTone => {
  const severity = worst(severities);
  return severity === "unknown" ? "information" : severity;
};

/** A verdict as plain text: for terminals, screen readers and tests. */
export function plainText({ sentence, answers }: Verdict): string {
  return [sentence, ...answers.map(({ label, parts }) => `${label}: ${parts.map(partText).join("")}`)].join("\n");
}

export function partText(part: Part): string {
  if (typeof part === "string") return part;
  if (part.kind === "layer") return part.name;
  return part.kind === "line" ? `line ${part.line}` : part.text;
}
