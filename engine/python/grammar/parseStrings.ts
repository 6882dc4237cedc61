/** Strings, bytes and f-strings, and several of them side by side, which Python joins. */
import type { Expression, FormatReplacement, Span } from "../expressions";
import type { Cursor } from "./cursor";
import { areEscapesWhole, decodeString, isAscii } from "./decodeString";
import type { Token } from "./tokens";
import { unsupported } from "./unsupported";

type Part = string | FormatReplacement;

export function parseStrings(cursor: Cursor): Expression {
  const { from } = cursor.token;
  const parts: Part[] = [];
  const kinds = new Set<boolean>();
  while (cursor.isType("string") || cursor.isType("formatStart")) {
    if (cursor.isType("formatStart")) {
      parts.push(...parseFormat(cursor));
      kinds.add(false);
    } else {
      const { value, isBytes } = literalOf(cursor, cursor.take());
      if (value !== "") parts.push(value);
      kinds.add(isBytes);
    }
    if (kinds.size > 1) cursor.fail();
  }
  const span = cursor.since(from);
  if (kinds.has(true)) return { kind: "bytes", ...span };
  if (parts.every((part) => typeof part === "string")) return { kind: "string", value: parts.join(""), ...span };
  return { kind: "formatString", parts, ...span };
}

function literalOf(cursor: Cursor, token: Token): { readonly value: string; readonly isBytes: boolean } {
  const text = cursor.text.slice(token.from, token.to);
  const [, prefix = "", quote = ""] = /^([a-zA-Z]*)("""|'''|"|')/.exec(text) ?? [];
  const content = text.slice(prefix.length + quote.length, -quote.length);
  const isBytes = /b/i.test(prefix);
  if (!areEscapesWhole(content, prefix) || (isBytes && !isAscii(content))) cursor.fail(token);
  return { value: isBytes ? "" : decodeString(content, prefix), isBytes };
}

function parseFormat(cursor: Cursor): Part[] {
  const { from, to } = cursor.take();
  const prefix = /^[a-zA-Z]*/.exec(cursor.text.slice(from, to))?.[0] ?? "";
  const parts: Part[] = [];
  for (;;) {
    if (cursor.isType("formatEnd")) {
      cursor.take();
      return parts;
    }
    if (cursor.isType("formatText")) {
      const token = cursor.take();
      const raw = cursor.text.slice(token.from, token.to).replace(/\{\{/g, "{").replace(/\}\}/g, "}");
      if (!areEscapesWhole(raw, prefix)) cursor.fail(token);
      parts.push(decodeString(raw, prefix));
    } else parts.push(cursor.nested(() => parseReplacement(cursor)));
  }
}

/** `{value!r:>3}` */
function parseReplacement(cursor: Cursor): FormatReplacement {
  const { from } = cursor.expect("{");
  const expression = cursor.rules.yieldOrList(cursor);
  const selfDocumenting = cursor.skip("=");
  const conversion = cursor.isAt("!") ? parseConversion(cursor) : null;
  const specification = cursor.skip(":") ? parseSpecification(cursor) : null;
  cursor.expect("}");
  const span = cursor.since(from);
  if (specification?.isNested === true)
    return {
      expression: unsupported(span, "a nested format specification"),
      conversion: null,
      specification: null,
      selfDocumenting: false,
      ...span,
    };
  return { expression, conversion, specification: specification?.text ?? null, selfDocumenting, ...span };
}

function parseConversion(cursor: Cursor): string {
  const mark = cursor.take();
  const { value, from } = cursor.expectType("name");
  return /^[sra]$/.test(value) && from === mark.to ? value : cursor.fail();
}

function parseSpecification(cursor: Cursor): { readonly text: string; readonly isNested: boolean } {
  const from = cursor.lastEnd;
  let isNested = false;
  while (!cursor.isAt("}")) {
    if (cursor.isType("formatText")) cursor.take();
    else {
      cursor.nested(() => parseReplacement(cursor));
      isNested = true;
    }
  }
  const { from: start, to }: Span = { from, to: cursor.token.from };
  return { text: cursor.text.slice(start, to), isNested };
}
