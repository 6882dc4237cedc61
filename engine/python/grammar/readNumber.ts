/** Numbers: where they end, whether Python takes them, and what they are. */
import type { Expression, Span } from "../expressions";
import { unsupported } from "./unsupported";

const DIGITS = String.raw`\d(?:_?\d)*`;
const WITH_BASE = String.raw`0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+`;
const DECIMAL = String.raw`(?:${DIGITS}(?:\.(?:${DIGITS})?)?|\.${DIGITS})(?:[eE][+-]?${DIGITS})?[jJ]?`;
const NUMBER = new RegExp(`${WITH_BASE}|${DECIMAL}`, "y");

/** Words that Python lets stand right behind a number: `1if x else 2`. */
const WORD_BEHIND = /(?:and|else|for|if|in|is|not|or)(?![\p{L}\p{N}_])/uy;
/** After hexadecimal digits less can be told: `0xfor x` is `0xf or x`. */
const NAME_BEHIND = /[\p{ID_Continue}_]/uy;

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

/** The end of the number that begins at `from`, or null for one that Python refuses. */
export function numberEnd(text: string, from: number): number | null {
  const digits = matchAt(NUMBER, text, from) ?? "";
  if (digits === "") return null;
  const to = from + digits.length;
  if (/^0[\d_]*[1-9][\d_]*$/.test(digits)) return null;
  if (matchAt(NAME_BEHIND, text, to) !== null && matchAt(WORD_BEHIND, text, to) === null) return null;
  return to;
}

export function numberExpression(source: string, span: Span): Expression {
  const text = source.replace(/_/g, "");
  const { from, to } = span;
  if (/^(?:\d+|0[xXoObB].*)$/.test(text)) {
    const value = Number(text);
    if (!Number.isSafeInteger(value)) return unsupported(span, "an integer that is too large to be exact");
    return { kind: "number", type: "int", value, from, to };
  }
  if (/[jJ]$/.test(text)) return { kind: "number", type: "imaginary", value: Number(text.slice(0, -1)), from, to };
  return { kind: "number", type: "float", value: Number(text), from, to };
}
