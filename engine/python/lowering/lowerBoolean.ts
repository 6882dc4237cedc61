import type { SyntaxNode } from "@lezer/common";
import type { Expression } from "../expressions";
import { childrenOf, unsupported, type Lowering } from "./lowering";

/** One token of a boolean formula: an operand, or the word `and`, `or` or `not`. */
type Token = SyntaxNode | "and" | "or" | "not";

export function isBoolean(node: SyntaxNode): boolean {
  if (node.name === "UnaryExpression") return node.getChild("not") !== null && node.firstChild?.name === "not";
  return node.name === "BinaryExpression" && (node.getChild("and") !== null || node.getChild("or") !== null);
}

/**
 * Lowers `and`, `or` and `not`. The grammar gives `not` the lowest precedence of the three (`not a and b` comes as
 * `not (a and b)`), Python the highest, so the formula is flattened to its tokens and read again by Python's rule.
 */
export function lowerBoolean(lowering: Lowering, node: SyntaxNode): Expression {
  const tokens = flatten(node);
  const alternatives = splitAt(tokens, "or").map((alternative) =>
    join(
      "and",
      splitAt(alternative, "and").map((factor) => lowerFactor(lowering, node, factor)),
    ),
  );
  return join("or", alternatives);
}

function flatten(root: SyntaxNode): Token[] {
  const tokens: Token[] = [];
  const pending: Token[] = [root];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    if (typeof item === "string" || !isBoolean(item)) tokens.push(item);
    else pending.push(...childrenOf(item).map(tokenOf).reverse());
  }
  return tokens;
}

function tokenOf(node: SyntaxNode): Token {
  return node.name === "and" || node.name === "or" || node.name === "not" ? node.name : node;
}

function splitAt(tokens: readonly Token[], word: "and" | "or"): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token === word) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

function join(operator: "and" | "or", operands: readonly Expression[]): Expression {
  const first = operands[0];
  const last = operands.at(-1);
  if (first === undefined || last === undefined || operands.length === 1)
    return first ?? unsupported({ from: 0, to: 0 }, "a syntax error");
  return { kind: "boolean", operator, operands, from: first.from, to: last.to };
}

function lowerFactor(lowering: Lowering, parent: SyntaxNode, tokens: readonly Token[]): Expression {
  const operand = tokens.at(-1);
  const negations = tokens.length - 1;
  if (operand === undefined || typeof operand === "string") return unsupported(parent, "a syntax error");
  let expression = operand.type.isError ? unsupported(operand, "a syntax error") : lowering.expression(operand);
  for (let count = 0; count < negations; count++) {
    expression = { kind: "unary", operator: "not", operand: expression, from: parent.from, to: operand.to };
  }
  return expression;
}
