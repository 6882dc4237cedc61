/** What is not read as a program at all, because reading it would take seconds or make no sense. Pure. */
import type { Problem } from "../protocol/problems";

/** The largest model files people write have some 6,000 lines and 300,000 characters; longer ones are generated. */
export const MAX_LINES = 20_000;
export const MAX_CHARACTERS = 500_000;

/** What stands against reading a text; null for what people write. */
export function textProblem(path: string, text: string): Problem | null {
  const lines = lineCount(text);
  if (text.length > MAX_CHARACTERS || lines > MAX_LINES) return { code: "file-too-large", path, lines, characters: text.length };
  return text.includes("\0") ? { code: "file-not-text", path, detail: "it holds null bytes" } : null;
}

function lineCount(text: string): number {
  let lines = 1;
  for (let index = text.indexOf("\n"); index >= 0; index = text.indexOf("\n", index + 1)) lines++;
  return lines;
}
