/** Functions and classes, with their decorators. */
import type { Expression } from "../expressions";
import type { Statement } from "../statements";
import type { Cursor } from "./cursor";
import { parseArguments } from "./parseTrailers";
import { parseParameters } from "./parseParameters";

export function parseDecorated(cursor: Cursor): Statement {
  const decorators: Expression[] = [];
  while (cursor.skip("@")) {
    decorators.push(cursor.rules.namedExpression(cursor));
    cursor.expectType("newline");
  }
  if (cursor.isAt("class")) return parseClass(cursor, decorators);
  return cursor.isAt("def") || (cursor.isAt("async") && cursor.isAhead(1, "def"))
    ? parseFunction(cursor, decorators)
    : cursor.fail();
}

export function parseFunction(cursor: Cursor, decorators: readonly Expression[]): Statement {
  const { from } = cursor.token;
  const isAsync = cursor.skip("async");
  cursor.expect("def");
  const { value: name } = cursor.expectType("name");
  if (cursor.isAt("[")) parseTypeParameters(cursor);
  cursor.expect("(");
  const parameters = parseParameters(cursor, ")", true);
  cursor.expect(")");
  if (cursor.skip("->")) cursor.rules.expression(cursor);
  const body = cursor.rules.block(cursor);
  return { kind: "function", name, parameters, decorators, body, isAsync, ...cursor.since(from) };
}

export function parseClass(cursor: Cursor, decorators: readonly Expression[]): Statement {
  const { from } = cursor.expect("class");
  const { value: name } = cursor.expectType("name");
  if (cursor.isAt("[")) parseTypeParameters(cursor);
  const args = cursor.isAt("(") ? parseArguments(cursor, false) : [];
  const body = cursor.rules.block(cursor);
  return { kind: "class", name, arguments: args, decorators, body, ...cursor.since(from) };
}

/** `[T: int, *Ts, **P]`: types have no effect on a model, and nothing of them is kept. */
export function parseTypeParameters(cursor: Cursor): void {
  cursor.expect("[");
  do {
    const isStar = cursor.skip("*");
    const isPlain = !isStar && !cursor.skip("**");
    cursor.expectType("name");
    if (isPlain && cursor.skip(":")) cursor.rules.expression(cursor);
    if (cursor.skip("=")) {
      if (isStar && cursor.skip("*")) cursor.rules.bitwiseOr(cursor);
      else cursor.rules.expression(cursor);
    }
  } while (cursor.skip(",") && !cursor.isAt("]"));
  cursor.expect("]");
}
