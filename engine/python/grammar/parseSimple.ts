/** Statements of one line. */
import type { BinaryOperator, Expression } from "../expressions";
import type { Statement } from "../statements";
import { type Cursor, NotPython } from "./cursor";
import { parseTypeParameters } from "./parseDefinition";
import { parseImport, parseImportFrom } from "./parseImport";
import { isSingleTarget, isTarget } from "./parseTarget";
import { UPDATE_OPERATORS } from "./tokens";
import { unsupported } from "./unsupported";

/** The statements of a line: `a; b`. */
export function parseSimpleStatements(cursor: Cursor): Statement[] {
  const statements = [parseSimpleStatement(cursor)];
  while (cursor.skip(";") && !cursor.isType("newline")) statements.push(parseSimpleStatement(cursor));
  cursor.endLine();
  return statements;
}

function parseSimpleStatement(cursor: Cursor): Statement {
  const { type, value } = cursor.token;
  if (type === "keyword") return (byWord[value] ?? parseExpressionStatement)(cursor);
  if (type === "name" && value === "type" && cursor.ahead(1).type === "name") return parseTypeAlias(cursor);
  return parseExpressionStatement(cursor);
}

const byWord: Readonly<Record<string, (cursor: Cursor) => Statement>> = {
  pass: (cursor) => word(cursor, "pass"),
  break: (cursor) => word(cursor, "break"),
  continue: (cursor) => word(cursor, "continue"),
  return: parseReturn,
  raise: parseRaise,
  assert: parseAssert,
  del: parseDelete,
  global: (cursor) => parseScope(cursor, "global"),
  nonlocal: (cursor) => parseScope(cursor, "nonlocal"),
  import: parseImport,
  from: parseImportFrom,
};

function word(cursor: Cursor, kind: "pass" | "break" | "continue"): Statement {
  const { from, to } = cursor.take();
  return { kind, from, to };
}

const isAtEnd = (cursor: Cursor): boolean => cursor.isType("newline") || cursor.isAt(";");

function parseReturn(cursor: Cursor): Statement {
  const { from } = cursor.take();
  const value = isAtEnd(cursor) ? null : cursor.rules.expressionList(cursor);
  return { kind: "return", value, ...cursor.since(from) };
}

function parseRaise(cursor: Cursor): Statement {
  const { from } = cursor.take();
  const value = isAtEnd(cursor) ? null : cursor.rules.expression(cursor);
  if (value !== null && cursor.skip("from")) cursor.rules.expression(cursor);
  return { kind: "raise", value, ...cursor.since(from) };
}

function parseAssert(cursor: Cursor): Statement {
  const { from } = cursor.take();
  const test = cursor.rules.expression(cursor);
  if (cursor.skip(",")) cursor.rules.expression(cursor);
  return { kind: "assert", test, ...cursor.since(from) };
}

function parseDelete(cursor: Cursor): Statement {
  const { from } = cursor.take();
  const targets: Expression[] = [];
  do {
    const begin = cursor.token;
    const target = cursor.rules.bitwiseOr(cursor);
    targets.push(isTarget(target, "delete") ? target : cursor.fail(begin));
  } while (cursor.skip(",") && !isAtEnd(cursor));
  return { kind: "delete", targets, ...cursor.since(from) };
}

function parseScope(cursor: Cursor, type: "global" | "nonlocal"): Statement {
  const { from } = cursor.take();
  const names: string[] = [];
  do names.push(cursor.expectType("name").value);
  while (cursor.skip(","));
  return { kind: "scope", type, names, ...cursor.since(from) };
}

/** `type Shape = tuple[int, ...]`; what it names has no effect on a model. */
function parseTypeAlias(cursor: Cursor): Statement {
  const { from } = cursor.take();
  cursor.take();
  if (cursor.isAt("[")) parseTypeParameters(cursor);
  cursor.expect("=");
  cursor.rules.expression(cursor);
  return { kind: "pass", ...cursor.since(from) };
}

function parseExpressionStatement(cursor: Cursor): Statement {
  const begin = cursor.token;
  const first = cursor.rules.yieldOrList(cursor);
  const { type, value: operator } = cursor.token;
  if (type === "operator") {
    if (operator === "=") return parseAssignment(cursor, first, begin.from);
    if (operator === ":") return isSingleTarget(first) ? parseAnnotated(cursor, first, begin.from) : cursor.fail(begin);
    if (UPDATE_OPERATORS.has(operator))
      return isSingleTarget(first) ? parseUpdate(cursor, first, begin.from) : cursor.fail(begin);
  }
  return { kind: "expression", value: first, ...cursor.since(begin.from) };
}

function parseAssignment(cursor: Cursor, first: Expression, from: number): Statement {
  const targets: Expression[] = [];
  let value = first;
  while (cursor.isAt("=")) {
    if (!isTarget(value)) cursor.fail();
    cursor.take();
    targets.push(value);
    value = withTargets(cursor, targets, from);
  }
  return { kind: "assign", targets, value, ...cursor.since(from) };
}

/** The names of an assignment have no known value when what they are given is not Python. */
function withTargets(cursor: Cursor, targets: readonly Expression[], from: number): Expression {
  const begin = cursor.token.from;
  try {
    return cursor.rules.yieldOrList(cursor);
  } catch (error) {
    if (!(error instanceof NotPython)) throw error;
    throw new NotPython(error.token, (to) => ({
      kind: "assign",
      targets,
      value: unsupported({ from: begin, to }, "a syntax error"),
      from,
      to,
    }));
  }
}

function parseAnnotated(cursor: Cursor, target: Expression, from: number): Statement {
  cursor.take();
  cursor.rules.expression(cursor);
  const value = cursor.skip("=") ? cursor.rules.yieldOrList(cursor) : null;
  return { kind: "annotated", target, value, ...cursor.since(from) };
}

function parseUpdate(cursor: Cursor, target: Expression, from: number): Statement {
  const operator = cursor.take().value.slice(0, -1) as BinaryOperator;
  const value = cursor.rules.yieldOrList(cursor);
  return { kind: "augmented", target, operator, value, ...cursor.since(from) };
}
