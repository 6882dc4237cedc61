/** What is not read as a program at all, because reading it would take seconds or make no sense. Pure. */
import type { Problem } from "../protocol/problems";

/** The largest model files people write have some 6,000 lines and 300,000 characters; longer ones are generated. */
export const MAX_LINES = 60_000;
export const MAX_CHARACTERS = 1_000_000;
/** A line this long was minified, or contains data. */
export const MAX_LINE_CHARACTERS = 200_000;

/** Why a text is not read; null for what people write. */
export function textProblem(path: string, text: string): Problem | null {
  const { lines, longest } = measured(text);
  if (text.length > MAX_CHARACTERS || lines > MAX_LINES || longest > MAX_LINE_CHARACTERS)
    return { code: "file-too-large", path, lines, characters: text.length };
  const detail = text.includes("\0") ? "it contains null bytes" : isBinary(text) ? "it is binary" : null;
  return detail === null ? null : { code: "file-not-text", path, detail };
}

/** Control characters, and what an editor puts in the place of bytes it could not decode, are many at the beginning. */
function isBinary(text: string): boolean {
  const sample = text.slice(0, 10_000);
  let odd = 0;
  for (let index = 0; index < sample.length; index++) {
    const code = sample.charCodeAt(index);
    if (code < 9 || (code > 13 && code < 32) || code === 0xfffd) odd++;
  }
  return odd > 20 && odd > sample.length / 10;
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
