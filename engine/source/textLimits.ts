/** What is not read as a program at all, because reading it would take seconds or make no sense. Pure. */
import type { Problem } from "../protocol/problems";

/** The largest model files people write have some 6,000 lines and 300,000 characters; longer ones are generated. */
export const MAX_LINES = 60_000;
export const MAX_CHARACTERS = 1_000_000;
/** Nobody writes such a line: it was minified, or holds data. */
export const MAX_LINE_CHARACTERS = 200_000;

/** What stands against reading a text; null for what people write. */
export function textProblem(path: string, text: string): Problem | null {
  const { lines, longest } = measured(text);
  if (text.length > MAX_CHARACTERS || lines > MAX_LINES || longest > MAX_LINE_CHARACTERS) return { code: "file-too-large", path, lines, characters: text.length };
  return text.includes("\0") ? { code: "file-not-text", path, detail: "it holds null bytes" } : null;
}

function measured(text: string): { readonly lines: number; readonly longest: number } {
  let lines = 0;
  let longest = 0;
  for (let start = 0; start <= text.length; lines++) {
    const end = text.indexOf("\n", start);
    const next = end < 0 ? text.length : end;
    longest = Math.max(longest, next - start);
    start = next + 1;
  }
  return { lines, longest };
}
