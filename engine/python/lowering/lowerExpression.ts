import type { SyntaxNode } from "@lezer/common";
import type { BinaryOperator, CompareOperator, Comparison, Expression, UnaryOperator } from "../expressions";
import { isBoolean, lowerBoolean } from "./lowerBoolean";
import { lowerComprehension } from "./lowerComprehension";
import {
  childrenOf,
  hasError,
  lowerElements,
  lowerExpressionList,
  textOf,
  unsupported,
  type Lowering,
} from "./lowering";
import { lowerArguments, lowerParameters } from "./lowerParameters";
import { lowerString } from "./lowerString";

const COMPARISONS = new Set<string>(["==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"]);

type Lower = (lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]) => Expression;

const lowerByNode: Readonly<Record<string, Lower>> = {
  VariableName: (lowering, node) => ({ kind: "name", name: textOf(lowering, node), ...spanOf(node) }),
  PropertyName: (lowering, node) => ({ kind: "name", name: textOf(lowering, node), ...spanOf(node) }),
  Number: (lowering, node) => lowerNumber(textOf(lowering, node), node),
  String: (lowering, node) => lowerString(lowering, node),
  FormatString: (lowering, node) => lowerString(lowering, node),
  ContinuedString: (lowering, node) => lowerString(lowering, node),
  Boolean: (lowering, node) => ({ kind: "constant", value: textOf(lowering, node) === "True", ...spanOf(node) }),
  None: (_, node) => ({ kind: "constant", value: "None", ...spanOf(node) }),
  Ellipsis: (_, node) => ({ kind: "constant", value: "Ellipsis", ...spanOf(node) }),
  ParenthesizedExpression: (lowering, node, children) =>
    lowerExpressionList(lowering, children.slice(1, -1)) ?? unsupported(node, "a syntax error"),
  TupleExpression: (lowering, node, children) => sequence(lowering, "tuple", node, children),
  ArrayExpression: (lowering, node, children) => sequence(lowering, "list", node, children),
  SetExpression: (lowering, node, children) => sequence(lowering, "set", node, children),
  DictionaryExpression: lowerDict,
  UnaryExpression: (lowering, node, children) =>
    isBoolean(node) ? lowerBoolean(lowering, node) : lowerUnary(lowering, node, children),
  BinaryExpression: (lowering, node, children) =>
    isBoolean(node) ? lowerBoolean(lowering, node) : lowerBinary(lowering, node, children),
  ConditionalExpression: lowerConditional,
  LambdaExpression: lowerLambda,
  NamedExpression: lowerNamed,
  CallExpression: lowerCall,
  MemberExpression: lowerMember,
  ArrayComprehensionExpression: (lowering, node) => lowerComprehension(lowering, node, "list"),
  SetComprehensionExpression: (lowering, node) => lowerComprehension(lowering, node, "set"),
  DictionaryComprehensionExpression: (lowering, node) => lowerComprehension(lowering, node, "dict"),
  ComprehensionExpression: (lowering, node) => lowerComprehension(lowering, node, "generator"),
  AwaitExpression: (lowering, node, children) => ({
    kind: "await",
    value: operand(lowering, node, children[1]),
    ...spanOf(node),
  }),
  YieldExpression: (lowering, node, children) => ({
    kind: "yield",
    value: lowerExpressionList(
      lowering,
      children.slice(1).filter((child) => child.name !== "from" && !child.type.isError),
    ),
    ...spanOf(node),
  }),
};

/** Lowers one expression node. A node with an error directly inside is unsupported as a whole. */
export function lowerExpression(lowering: Lowering, node: SyntaxNode): Expression {
  const lower = lowerByNode[node.name];
  if (lower === undefined) return unsupported(node, node.type.isError ? "a syntax error" : `the syntax ${node.name}`);
  const children = childrenOf(node);
  if (hasError(children) && node.name !== "YieldExpression") return unsupported(node, "a syntax error");
  return lower(lowering, node, children);
}

function spanOf(node: SyntaxNode): { from: number; to: number } {
  return { from: node.from, to: node.to };
}

function operand(lowering: Lowering, parent: SyntaxNode, node: SyntaxNode | undefined): Expression {
  return node === undefined ? unsupported(parent, "a syntax error") : lowering.expression(node);
}

function lowerNumber(source: string, node: SyntaxNode): Expression {
  const text = source.replace(/_/g, "");
  if (/^(\d+|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/.test(text)) {
    const value = Number(text);
    if (!Number.isSafeInteger(value)) return unsupported(node, "an integer that is too large to be exact");
    return { kind: "number", type: "int", value, ...spanOf(node) };
  }
  if (/[jJ]$/.test(text))
    return { kind: "number", type: "imaginary", value: Number(text.slice(0, -1)), ...spanOf(node) };
  const value = Number(text);
  return Number.isNaN(value)
    ? unsupported(node, "a malformed number")
    : { kind: "number", type: "float", value, ...spanOf(node) };
}

function sequence(
  lowering: Lowering,
  type: "tuple" | "list" | "set",
  node: SyntaxNode,
  children: readonly SyntaxNode[],
): Expression {
  return { kind: "sequence", type, elements: lowerElements(lowering, children.slice(1, -1)), ...spanOf(node) };
}

function lowerDict(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Expression {
  const inner = children.slice(1, -1).filter((child) => child.name !== ",");
  const entries: { key: Expression | null; value: Expression }[] = [];
  for (let index = 0; index < inner.length; ) {
    const spread = inner[index]?.name === "**";
    const key = spread ? null : operand(lowering, node, inner[index]);
    entries.push({ key, value: operand(lowering, node, inner[index + (spread ? 1 : 2)]) });
    index += spread ? 2 : 3;
  }
  return { kind: "dict", entries, ...spanOf(node) };
}

function lowerUnary(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Expression {
  const [sign, value] = children;
  const operator = sign === undefined ? "" : textOf(lowering, sign);
  if (!isUnaryOperator(operator)) return unsupported(node, `the operator ${operator}`);
  return { kind: "unary", operator, operand: operand(lowering, node, value), ...spanOf(node) };
}

function isUnaryOperator(text: string): text is Exclude<UnaryOperator, "not"> {
  return text === "-" || text === "+" || text === "~";
}

function lowerBinary(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Expression {
  const [leftNode, ...rest] = children;
  const rightNode = rest.at(-1);
  // `not in` and `is not` are two tokens.
  const operator = rest
    .slice(0, -1)
    .map((token) => textOf(lowering, token))
    .join(" ");
  if (COMPARISONS.has(operator)) return lowerCompare(lowering, node, children, operator as CompareOperator);
  const left = operand(lowering, node, leftNode);
  const right = operand(lowering, node, rightNode);
  return { kind: "binary", operator: operator as BinaryOperator, left, right, ...spanOf(node) };
}

/** `a < b < c` comes as `(a < b) < c` from the grammar and means `a < b and b < c`. */
function lowerCompare(
  lowering: Lowering,
  node: SyntaxNode,
  children: readonly SyntaxNode[],
  operator: CompareOperator,
): Expression {
  const leftNode = children[0];
  const comparison: Comparison = { operator, right: operand(lowering, node, children.at(-1)) };
  const left = operand(lowering, node, leftNode);
  if (leftNode?.name === "BinaryExpression" && left.kind === "compare") {
    return { kind: "compare", left: left.left, comparisons: [...left.comparisons, comparison], ...spanOf(node) };
  }
  return { kind: "compare", left, comparisons: [comparison], ...spanOf(node) };
}

function lowerConditional(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Expression {
  return {
    kind: "conditional",
    body: operand(lowering, node, children[0]),
    test: operand(lowering, node, children[2]),
    otherwise: operand(lowering, node, children[4]),
    ...spanOf(node),
  };
}

function lowerLambda(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Expression {
  const list = children.find((child) => child.name === "ParamList");
  const parameters = list === undefined ? [] : lowerParameters(lowering, list);
  return { kind: "lambda", parameters, body: operand(lowering, node, children.at(-1)), ...spanOf(node) };
}

function lowerNamed(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Expression {
  const target = operand(lowering, node, children[0]);
  if (target.kind !== "name") return unsupported(node, "a walrus target that is not a name");
  return { kind: "named", target, value: operand(lowering, node, children[2]), ...spanOf(node) };
}

function lowerCall(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Expression {
  const [calleeNode, list] = children;
  const callee = operand(lowering, node, calleeNode);
  if (list === undefined) return unsupported(node, "a syntax error");
  if (childrenOf(list).some((child) => child.name === "for")) {
    const value = lowerComprehension(lowering, list, "generator");
    return { kind: "call", callee, arguments: [{ kind: "positional", value }], ...spanOf(node) };
  }
  const args = lowerArguments(lowering, list);
  return args === null
    ? unsupported(node, "a syntax error")
    : { kind: "call", callee, arguments: args, ...spanOf(node) };
}

function lowerMember(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Expression {
  const [objectNode, token, property] = children;
  const object = operand(lowering, node, objectNode);
  if (token?.name === "." && property !== undefined) {
    return { kind: "attribute", object, name: textOf(lowering, property), ...spanOf(node) };
  }
  const index = lowerIndex(lowering, node, children.slice(2, -1));
  return { kind: "subscript", object, index, ...spanOf(node) };
}

/** What stands between the brackets: an expression, a slice, or a tuple of both. */
function lowerIndex(lowering: Lowering, node: SyntaxNode, inner: readonly SyntaxNode[]): Expression {
  const groups: SyntaxNode[][] = [[]];
  for (const child of inner) {
    if (child.name === ",") groups.push([]);
    else groups.at(-1)?.push(child);
  }
  const isTuple = groups.length > 1;
  if (groups.at(-1)?.length === 0) groups.pop();
  const elements = groups.map((group) => lowerIndexPart(lowering, node, group));
  const [only] = elements;
  if (!isTuple) return only ?? unsupported(node, "a syntax error");
  return {
    kind: "sequence",
    type: "tuple",
    elements,
    from: inner[0]?.from ?? node.from,
    to: inner.at(-1)?.to ?? node.to,
  };
}

function lowerIndexPart(lowering: Lowering, node: SyntaxNode, group: readonly SyntaxNode[]): Expression {
  const [first] = group;
  if (first === undefined) return unsupported(node, "a syntax error");
  if (!group.some((child) => child.name === ":")) {
    return group.length === 1 ? lowering.expression(first) : unsupported(node, "a starred index");
  }
  const bounds: (Expression | null)[] = [null];
  for (const child of group) {
    if (child.name === ":") bounds.push(null);
    else bounds[bounds.length - 1] = lowering.expression(child);
  }
  const [lower = null, upper = null, step = null] = bounds;
  return { kind: "slice", lower, upper, step, from: first.from, to: group.at(-1)?.to ?? first.to };
}
