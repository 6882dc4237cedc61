/** The text of f-strings, between and inside their replacements (PEP 701). */

/** An f-string that is open. */
export interface Format {
  readonly quote: string;
  readonly isRaw: boolean;
  /** How many brackets were open where it began. */
  readonly depth: number;
  /** Of each replacement that is open, one inside the other: whether its specification is being read. */
  readonly replacements: boolean[];
}

/** Whether text comes next, and not the tokens of an expression. */
export function isInFormatText({ depth, replacements }: Format, openBrackets: number): boolean {
  if (replacements.length === 0) return true;
  return replacements.at(-1) === true && openBrackets === depth + replacements.length;
}

/** Where the text from `from` on ends: at a brace, at the closing quotes, or with the line that may not go on. */
export function formatTextEnd(text: string, from: number, format: Format): number {
  const isSpecification = format.replacements.length > 0;
  let at = from;
  for (; at < text.length; at++) {
    const character = text[at];
    if (text.startsWith(format.quote, at)) return at;
    if (character === "\\") at = escapeEnd(text, at, format) - 1;
    else if (character === "{" || character === "}") {
      if (isSpecification || text[at + 1] !== character) return at;
      at++;
    } else if (format.quote.length === 1 && (character === "\n" || character === "\r")) return at;
  }
  return text.length;
}

/** Where an escape sequence ends. Braces stay braces behind a backslash, but for `\N{NAME}`. */
function escapeEnd(text: string, at: number, { isRaw }: Format): number {
  const next = text[at + 1];
  if (next === "{" || next === "}") return at + 1;
  if (next === "N" && !isRaw && text[at + 2] === "{") {
    const end = text.indexOf("}", at);
    return end < 0 ? text.length : end + 1;
  }
  return text.startsWith("\r\n", at + 1) ? at + 3 : at + 2;
}
