/** Names, literals and everything in brackets. */
import type { ComprehensionClause, DictEntry, Expression, SequenceExpression } from "../expressions";
import type { Cursor } from "./cursor";
import { parseStrings } from "./parseStrings";
import { parseTargets } from "./parseTarget";
import { numberExpression } from "./readNumber";

export function parseAtom(cursor: Cursor): Expression {
  const { type, value, from, to } = cursor.token;
  switch (type) {
    case "name":
      cursor.take();
      return { kind: "name", name: value, from, to };
    case "number":
      cursor.take();
      return numberExpression(cursor.text.slice(from, to), { from, to });
    case "string":
    case "formatStart":
      return parseStrings(cursor);
    case "keyword":
      return parseConstant(cursor);
    case "operator":
      return parseBracketed(cursor);
    default:
      return cursor.fail();
  }
}

function parseConstant(cursor: Cursor): Expression {
  const { value, from, to } = cursor.token;
  if (value !== "True" && value !== "False" && value !== "None") return cursor.fail();
  cursor.take();
  return { kind: "constant", value: value === "None" ? "None" : value === "True", from, to };
}

function parseBracketed(cursor: Cursor): Expression {
  const { value, from, to } = cursor.token;
  switch (value) {
    case "(":
      return cursor.nested(() => parseGroup(cursor));
    case "[":
      return cursor.nested(() => parseList(cursor));
    case "{":
      return cursor.nested(() => parseBraces(cursor));
    case "...":
      cursor.take();
      return { kind: "constant", value: "Ellipsis", from, to };
    default:
      return cursor.fail();
  }
}

/** An expression in brackets, a tuple or a generator. */
function parseGroup(cursor: Cursor): Expression {
  const { from } = cursor.take();
  if (cursor.skip(")")) return { kind: "sequence", type: "tuple", elements: [], ...cursor.since(from) };
  if (cursor.isAt("yield")) {
    const value = cursor.rules.yieldOrList(cursor);
    cursor.expect(")");
    return value;
  }
  const isStarred = cursor.isAt("*");
  const first = cursor.rules.starredOrNamed(cursor);
  if (!isStarred && beginsComprehension(cursor)) return parseComprehension(cursor, "generator", first, null, from, ")");
  if (!cursor.isAt(",")) {
    cursor.expect(isStarred ? "," : ")");
    return first;
  }
  return parseElements(cursor, "tuple", first, from, ")");
}

function parseList(cursor: Cursor): Expression {
  const { from } = cursor.take();
  if (cursor.skip("]")) return { kind: "sequence", type: "list", elements: [], ...cursor.since(from) };
  return parseDisplayAfter(cursor, "list", cursor.rules.starredOrNamed(cursor), from, "]");
}

function parseDisplayAfter(
  cursor: Cursor,
  type: "list" | "set",
  first: Expression,
  from: number,
  close: string,
): Expression {
  if (first.kind !== "starred" && beginsComprehension(cursor))
    return parseComprehension(cursor, type, first, null, from, close);
  return parseElements(cursor, type, first, from, close);
}

function parseElements(
  cursor: Cursor,
  type: SequenceExpression["type"],
  first: Expression,
  from: number,
  close: string,
): Expression {
  const elements = [first];
  while (cursor.skip(",") && !cursor.isAt(close)) elements.push(cursor.rules.starredOrNamed(cursor));
  cursor.expect(close);
  return { kind: "sequence", type, elements, ...cursor.since(from) };
}

/** A set or a dict; empty braces are a dict. */
function parseBraces(cursor: Cursor): Expression {
  const { from } = cursor.take();
  if (cursor.skip("}")) return { kind: "dict", entries: [], ...cursor.since(from) };
  if (cursor.isAt("**")) return parseDict(cursor, parseEntry(cursor), from);
  const mayBeKey = !cursor.isAt("*") && !cursor.isAhead(1, ":=");
  const first = cursor.rules.starredOrNamed(cursor);
  if (!mayBeKey || !cursor.isAt(":")) return parseDisplayAfter(cursor, "set", first, from, "}");
  cursor.take();
  const value = cursor.rules.expression(cursor);
  if (beginsComprehension(cursor)) return parseComprehension(cursor, "dict", first, value, from, "}");
  return parseDict(cursor, { key: first, value }, from);
}

function parseDict(cursor: Cursor, first: DictEntry, from: number): Expression {
  const entries = [first];
  while (cursor.skip(",") && !cursor.isAt("}")) entries.push(parseEntry(cursor));
  cursor.expect("}");
  return { kind: "dict", entries, ...cursor.since(from) };
}

function parseEntry(cursor: Cursor): DictEntry {
  if (cursor.skip("**")) return { key: null, value: cursor.rules.bitwiseOr(cursor) };
  const key = cursor.rules.expression(cursor);
  cursor.expect(":");
  return { key, value: cursor.rules.expression(cursor) };
}

export const beginsComprehension = (cursor: Cursor): boolean =>
  cursor.isAt("for") || (cursor.isAt("async") && cursor.isAhead(1, "for"));

export function parseComprehension(
  cursor: Cursor,
  type: "list" | "set" | "dict" | "generator",
  element: Expression,
  value: Expression | null,
  from: number,
  close: string,
): Expression {
  const clauses: ComprehensionClause[] = [];
  while (beginsComprehension(cursor)) clauses.push(parseClause(cursor));
  cursor.expect(close);
  return { kind: "comprehension", type, element, value, clauses, ...cursor.since(from) };
}

function parseClause(cursor: Cursor): ComprehensionClause {
  cursor.skip("async");
  cursor.expect("for");
  const target = parseTargets(cursor);
  cursor.expect("in");
  const iterable = cursor.rules.disjunction(cursor);
  const conditions: Expression[] = [];
  while (cursor.skip("if")) conditions.push(cursor.rules.disjunction(cursor));
  return { target, iterable, conditions };
}
