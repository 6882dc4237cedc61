/** The `# normlens: model …` comment that says what a file leaves open: constructor arguments and the input's shape. */
import type { Shape } from "../../protocol/shape";
import type { ModelCandidate } from "../candidates";
import { isLiteralText } from "../literals";
import type { ModelReading } from "../modelReading";
import { directiveText } from "./editAnnotation";
import { parseShapes } from "./parseAnnotations";

export interface ModelDescription {
  readonly candidate: ModelCandidate;
  /** The text of each required argument, in the order of `candidate.requires`. */
  readonly args: readonly string[];
  readonly inputs: readonly Shape[];
}

export interface LineEdit {
  /** From 1. */
  readonly line: number;
  readonly kind: "insert" | "replace";
  readonly text: string;
}

/** What is wrong with an argument as a person typed it; null when it can be used. */
export function argumentMistake(text: string): string | null {
  if (text.trim() === "") return 'Type a Python value: 10, [64, 128], "bottleneck".';
  return isLiteralText(text)
    ? null
    : "Use a Python literal, such as a number, a string or a list. Names are not known here.";
}

/** What is wrong with the shapes as a person typed them; null when they can be used, also when nothing was typed. */
export function shapeMistake(text: string): string | null {
  if (text.trim() === "" || parseShapes(text.trim()) !== null) return null;
  return "Give the sizes without the batch: 3x32x32, or 3x32x32,10 for two inputs.";
}

/** The edit that puts the description above the model, or in the place of the one the file has. */
export function describeModelEdit(
  reading: ModelReading,
  { candidate, args, inputs }: ModelDescription,
  lineText: (line: number) => string,
): LineEdit {
  const known = reading.annotations.find(({ directive }) => directive.kind === "model");
  const data = known?.directive.kind === "model" ? known.directive.data : null;
  const expression =
    candidate.requires.length > 0
      ? `${candidate.name}(${candidate.requires.map((name, index) => `${name}=${args[index] ?? "None"}`).join(", ")})`
      : candidate.expression;
  const comment = `# normlens: ${directiveText({ kind: "model", expression, inputs, data })}`;
  if (known !== undefined) {
    const before = lineText(known.line);
    const at = before.search(/#\s*normlens\s*:/i);
    return { line: known.line, kind: "replace", text: before.slice(0, Math.max(0, at)) + comment };
  }
  const indent = /^\s*/.exec(lineText(candidate.line))?.[0] ?? "";
  return { line: candidate.line, kind: "insert", text: indent + comment };
}
