/** Expressions by the precedence of their operators, from the loosest to the tightest. */
import type {
  BinaryOperator,
  BooleanExpression,
  CompareOperator,
  Comparison,
  Expression,
  UnaryOperator,
} from "../expressions";
import type { Cursor } from "./cursor";
import { parseAtom } from "./parseAtom";
import { parseTrailers } from "./parseTrailers";
import { parseParameters } from "./parseParameters";

/** `name := value`, or an expression. */
export function parseNamedExpression(cursor: Cursor): Expression {
  if (!cursor.isType("name") || !cursor.isAhead(1, ":=")) return parseExpression(cursor);
  const { value: name, from, to } = cursor.take();
  cursor.take();
  const value = parseExpression(cursor);
  return { kind: "named", target: { kind: "name", name, from, to }, value, ...cursor.since(from) };
}

export function parseExpression(cursor: Cursor): Expression {
  return cursor.nested(() => (cursor.isAt("lambda") ? parseLambda(cursor) : parseConditional(cursor)));
}

function parseLambda(cursor: Cursor): Expression {
  const { from } = cursor.take();
  const parameters = parseParameters(cursor, ":", false);
  cursor.expect(":");
  const body = parseExpression(cursor);
  return { kind: "lambda", parameters, body, ...cursor.since(from) };
}

function parseConditional(cursor: Cursor): Expression {
  const { from } = cursor.token;
  const body = parseDisjunction(cursor);
  if (!cursor.skip("if")) return body;
  const test = parseDisjunction(cursor);
  cursor.expect("else");
  const otherwise = parseExpression(cursor);
  return { kind: "conditional", body, test, otherwise, ...cursor.since(from) };
}

export function parseDisjunction(cursor: Cursor): Expression {
  return parseBoolean(cursor, "or", () => parseBoolean(cursor, "and", () => parseNot(cursor)));
}

function parseBoolean(cursor: Cursor, operator: BooleanExpression["operator"], operand: () => Expression): Expression {
  const { from } = cursor.token;
  const first = operand();
  if (!cursor.isAt(operator)) return first;
  const operands = [first];
  while (cursor.skip(operator)) operands.push(operand());
  return { kind: "boolean", operator, operands, ...cursor.since(from) };
}

function parseNot(cursor: Cursor): Expression {
  if (!cursor.isAt("not")) return parseComparison(cursor);
  const { from } = cursor.take();
  const operand = cursor.nested(() => parseNot(cursor));
  return { kind: "unary", operator: "not", operand, ...cursor.since(from) };
}

function parseComparison(cursor: Cursor): Expression {
  const { from } = cursor.token;
  const left = parseBitwiseOr(cursor);
  const comparisons: Comparison[] = [];
  for (;;) {
    const operator = comparisonOperator(cursor);
    if (operator === null) break;
    comparisons.push({ operator, right: parseBitwiseOr(cursor) });
  }
  return comparisons.length === 0 ? left : { kind: "compare", left, comparisons, ...cursor.since(from) };
}

const COMPARISONS = new Set<string>(["==", "!=", "<", "<=", ">", ">=", "in", "not", "is"]);

function comparisonOperator(cursor: Cursor): CompareOperator | null {
  const { value } = cursor.token;
  if (!COMPARISONS.has(value) || !cursor.isAt(value)) return null;
  if (value === "not" && !cursor.isAhead(1, "in")) return null;
  cursor.take();
  if (value === "not") {
    cursor.take();
    return "not in";
  }
  return value === "is" && cursor.skip("not") ? "is not" : (value as CompareOperator);
}

/** Operators that group to the left, by how tightly they bind. */
const PRECEDENCE: Readonly<Record<string, number>> = {
  "|": 1,
  "^": 2,
  "&": 3,
  "<<": 4,
  ">>": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
  "//": 6,
  "%": 6,
  "@": 6,
};

export const parseBitwiseOr = (cursor: Cursor): Expression => parseBinary(cursor, 1);

function parseBinary(cursor: Cursor, loosest: number): Expression {
  const { from } = cursor.token;
  const first = parseFactor(cursor);
  return cursor.chain(
    first,
    (left) => {
      const { type, value } = cursor.token;
      const precedence = type === "operator" ? PRECEDENCE[value] : undefined;
      if (precedence === undefined || precedence < loosest) return null;
      cursor.take();
      const right = parseBinary(cursor, precedence + 1);
      return { kind: "binary", operator: value as BinaryOperator, left, right, ...cursor.since(from) };
    },
    from,
  );
}

function parseFactor(cursor: Cursor): Expression {
  const { value: sign, from } = cursor.token;
  if (!cursor.isType("operator") || (sign !== "-" && sign !== "+" && sign !== "~")) return parsePower(cursor);
  cursor.take();
  const operand = cursor.nested(() => parseFactor(cursor));
  return { kind: "unary", operator: sign satisfies UnaryOperator, operand, ...cursor.since(from) };
}

function parsePower(cursor: Cursor): Expression {
  const { from } = cursor.token;
  const left = parseAwait(cursor);
  if (!cursor.skip("**")) return left;
  const right = cursor.nested(() => parseFactor(cursor));
  return { kind: "binary", operator: "**", left, right, ...cursor.since(from) };
}

function parseAwait(cursor: Cursor): Expression {
  const { from } = cursor.token;
  const isAwait = cursor.skip("await");
  const start = cursor.token.from;
  const value = parseTrailers(cursor, parseAtom(cursor), start);
  return isAwait ? { kind: "await", value, ...cursor.since(from) } : value;
}

export function parseStarredOrNamed(cursor: Cursor): Expression {
  return cursor.isAt("*") ? parseStarred(cursor, parseBitwiseOr) : parseNamedExpression(cursor);
}

function parseStarred(cursor: Cursor, operand: (cursor: Cursor) => Expression): Expression {
  const { from } = cursor.take();
  const value = operand(cursor);
  return { kind: "starred", value, ...cursor.since(from) };
}

export function parseExpressionList(cursor: Cursor): Expression {
  const { from } = cursor.token;
  const element = (): Expression => (cursor.isAt("*") ? parseStarred(cursor, parseBitwiseOr) : parseExpression(cursor));
  const first = element();
  if (!cursor.isAt(",")) return first;
  const elements = [first];
  while (cursor.skip(",")) {
    if (!beginsExpression(cursor)) break;
    elements.push(element());
  }
  return { kind: "sequence", type: "tuple", elements, ...cursor.since(from) };
}

/** Whether a list goes on behind a comma. */
function beginsExpression(cursor: Cursor): boolean {
  const { type, value } = cursor.token;
  if (type === "keyword") return BEGINNING_WORDS.has(value);
  if (type === "operator") return BEGINNING_OPERATORS.has(value);
  return type === "name" || type === "number" || type === "string" || type === "formatStart";
}

const BEGINNING_WORDS = new Set(["not", "lambda", "await", "None", "True", "False"]);
const BEGINNING_OPERATORS = new Set(["*", "(", "[", "{", "-", "+", "~", "..."]);

/** `yield`, `yield x` and `yield from x` where they need no brackets, or an expression list. */
export function parseYieldOrList(cursor: Cursor): Expression {
  return cursor.isAt("yield") ? parseYield(cursor) : parseExpressionList(cursor);
}

function parseYield(cursor: Cursor): Expression {
  const { from } = cursor.take();
  const value = cursor.skip("from")
    ? parseExpression(cursor)
    : beginsExpression(cursor)
      ? parseExpressionList(cursor)
      : null;
  return { kind: "yield", value, ...cursor.since(from) };
}
