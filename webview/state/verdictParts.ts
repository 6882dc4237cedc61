/** The pieces a verdict is made of. */
import type { PanelCommand, PanelViewName } from "../protocol";

export type VerdictTone = "ok" | "information" | "warning" | "error" | "busy";

/** A piece of an answer: plain text, or something that can be acted on or stands out. */
export type Part =
  | string
  | { readonly kind: "strong"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "layer"; readonly name: string }
  | { readonly kind: "line"; readonly line: number; readonly layer: string }
  | { readonly kind: "view"; readonly view: PanelViewName; readonly text: string }
  | { readonly kind: "command"; readonly command: PanelCommand; readonly text: string };

export interface Answer {
  readonly label: string;
  readonly parts: readonly Part[];
}

export interface Verdict {
  readonly tone: VerdictTone;
  readonly sentence: string;
  readonly answers: readonly Answer[];
}

export const answer = (label: string, ...parts: readonly Part[]): Answer => ({ label, parts });
export const strong = (text: string): Part => ({ kind: "strong", text });
export const code = (text: string): Part => ({ kind: "code", text });
export const layerPart = (name: string): Part => ({ kind: "layer", name });

/** A verdict as plain text, for screen readers and tests. */
export function plainText({ sentence, answers }: Verdict): string {
  return [sentence, ...answers.map(({ label, parts }) => `${label}: ${parts.map(partText).join("")}`)].join("\n");
}

export function partText(part: Part): string {
  if (typeof part === "string") return part;
  if (part.kind === "layer") return part.name;
  return part.kind === "line" ? `line ${part.line}` : part.text;
}
