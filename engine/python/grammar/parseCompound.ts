/** Statements with blocks, but for definitions and `match`. */
import type { Expression } from "../expressions";
import type { Block, ConditionalBlock, ExceptHandler, Statement, WithItem } from "../statements";
import type { Cursor } from "./cursor";
import { parseTarget, parseTargets } from "./parseTarget";

const parseElse = (cursor: Cursor): Block => (cursor.skip("else") ? cursor.rules.block(cursor) : []);

export function parseIf(cursor: Cursor): Statement {
  const { from } = cursor.token;
  const branches: ConditionalBlock[] = [];
  do {
    cursor.take();
    const test = cursor.rules.namedExpression(cursor);
    branches.push({ test, body: cursor.rules.block(cursor) });
  } while (cursor.isAt("elif"));
  const otherwise = parseElse(cursor);
  return { kind: "if", branches, otherwise, ...cursor.since(from) };
}

export function parseWhile(cursor: Cursor): Statement {
  const { from } = cursor.take();
  const test = cursor.rules.namedExpression(cursor);
  const body = cursor.rules.block(cursor);
  const otherwise = parseElse(cursor);
  return { kind: "while", test, body, otherwise, ...cursor.since(from) };
}

export function parseFor(cursor: Cursor): Statement {
  const { from } = cursor.token;
  cursor.skip("async");
  cursor.expect("for");
  const target = parseTargets(cursor);
  cursor.expect("in");
  const iterable = cursor.rules.expressionList(cursor);
  const body = cursor.rules.block(cursor);
  const otherwise = parseElse(cursor);
  return { kind: "for", target, iterable, body, otherwise, ...cursor.since(from) };
}

export function parseTry(cursor: Cursor): Statement {
  const { from } = cursor.take();
  const body = cursor.rules.block(cursor);
  const handlers: ExceptHandler[] = [];
  const isGroup = cursor.isAt("except") && cursor.isAhead(1, "*");
  while (cursor.isAt("except")) handlers.push(parseHandler(cursor, isGroup));
  const otherwise = handlers.length > 0 ? parseElse(cursor) : [];
  const hasFinally = cursor.skip("finally");
  if (handlers.length === 0 && !hasFinally) cursor.fail();
  const finalBody = hasFinally ? cursor.rules.block(cursor) : [];
  return { kind: "try", body, handlers, otherwise, finalBody, ...cursor.since(from) };
}

function parseHandler(cursor: Cursor, isGroup: boolean): ExceptHandler {
  cursor.take();
  if (cursor.isAt("*") !== isGroup) cursor.fail();
  cursor.skip("*");
  const type = !isGroup && cursor.isAt(":") ? null : parseCaught(cursor);
  const name = type !== null && cursor.skip("as") ? cursor.expectType("name").value : null;
  return { type, name, body: cursor.rules.block(cursor) };
}

/** Since Python 3.14 several exceptions need no brackets where they get no name. */
function parseCaught(cursor: Cursor): Expression {
  const { from } = cursor.token;
  const first = cursor.rules.expression(cursor);
  if (!cursor.isAt(",")) return first;
  const elements = [first];
  while (cursor.skip(",") && !cursor.isAt(":")) elements.push(cursor.rules.expression(cursor));
  if (cursor.isAt("as")) cursor.fail();
  return { kind: "sequence", type: "tuple", elements, ...cursor.since(from) };
}

export function parseWith(cursor: Cursor): Statement {
  const { from } = cursor.token;
  cursor.skip("async");
  cursor.expect("with");
  const items =
    (cursor.isAt("(") ? cursor.attempt(() => parseBracketedItems(cursor)) : null) ?? parseItems(cursor, ":");
  const body = cursor.rules.block(cursor);
  return { kind: "with", items, body, ...cursor.since(from) };
}

/** `(open(a) as f, open(b) as g)`; what is no such list may be a tuple, or the beginning of an expression. */
function parseBracketedItems(cursor: Cursor): WithItem[] {
  cursor.take();
  const items = parseItems(cursor, ")");
  cursor.expect(")");
  return cursor.isAt(":") ? items : cursor.fail();
}

function parseItems(cursor: Cursor, close: ")" | ":"): WithItem[] {
  const items = [parseItem(cursor)];
  while (cursor.skip(",") && !(close === ")" && cursor.isAt(close))) items.push(parseItem(cursor));
  return items;
}

function parseItem(cursor: Cursor): WithItem {
  const context = cursor.rules.expression(cursor);
  return { context, target: cursor.skip("as") ? parseTarget(cursor) : null };
}
