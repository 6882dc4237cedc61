import type { SyntaxNode } from "@lezer/common";
import type { BinaryOperator, Expression } from "../expressions";
import type { Statement } from "../statements";
import { lowerFor, lowerIf, lowerMatch, lowerTry, lowerWhile, lowerWith } from "./lowerCompound";
import { lowerDecorated, lowerClass, lowerFunction } from "./lowerDefinition";
import { lowerImport } from "./lowerImport";
import { childrenOf, lowerElements, lowerExpressionList, textOf, unsupported, type Lowering } from "./lowering";

type Lower = (lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]) => Statement;

const lowerByNode: Readonly<Record<string, Lower>> = {
  ExpressionStatement: (lowering, node, children) => ({
    kind: "expression",
    value: lowerExpressionList(lowering, children) ?? unsupported(node, "a syntax error"),
    ...spanOf(node),
  }),
  YieldStatement: (lowering, node, children) => ({
    kind: "expression",
    value: lowerYield(lowering, node, children),
    ...spanOf(node),
  }),
  AssignStatement: lowerAssign,
  UpdateStatement: lowerUpdate,
  ReturnStatement: (lowering, node, children) => ({
    kind: "return",
    value: lowerExpressionList(lowering, children.slice(1)),
    ...spanOf(node),
  }),
  PassStatement: (_, node) => ({ kind: "pass", ...spanOf(node) }),
  BreakStatement: (_, node) => ({ kind: "break", ...spanOf(node) }),
  ContinueStatement: (_, node) => ({ kind: "continue", ...spanOf(node) }),
  DeleteStatement: (lowering, node, children) => ({
    kind: "delete",
    targets: lowerElements(lowering, children.slice(1)),
    ...spanOf(node),
  }),
  RaiseStatement: (lowering, node, children) => ({
    kind: "raise",
    value: children[1] === undefined ? null : lowering.expression(children[1]),
    ...spanOf(node),
  }),
  AssertStatement: (lowering, node, children) => ({
    kind: "assert",
    test: children[1] === undefined ? unsupported(node, "a syntax error") : lowering.expression(children[1]),
    ...spanOf(node),
  }),
  ScopeStatement: (lowering, node, children) => ({
    kind: "scope",
    type: children[0]?.name === "nonlocal" ? "nonlocal" : "global",
    names: children.filter((child) => child.name === "VariableName").map((child) => textOf(lowering, child)),
    ...spanOf(node),
  }),
  TypeDefinition: (_, node) => ({ kind: "pass", ...spanOf(node) }),
  ImportStatement: lowerImport,
  IfStatement: lowerIf,
  ForStatement: lowerFor,
  WhileStatement: lowerWhile,
  TryStatement: lowerTry,
  WithStatement: lowerWith,
  MatchStatement: lowerMatch,
  FunctionDefinition: (lowering, node, children) => lowerFunction(lowering, node, children, []),
  ClassDefinition: (lowering, node, children) => lowerClass(lowering, node, children, []),
  DecoratedStatement: lowerDecorated,
};

/** Lowers one statement node; a `StatementGroup` (`a; b`) gives several. */
export function lowerStatement(lowering: Lowering, node: SyntaxNode): Statement[] {
  const children = childrenOf(node);
  if (node.name === "StatementGroup") {
    return children.filter((child) => child.name !== ";").flatMap((child) => lowerStatement(lowering, child));
  }
  const lower = lowerByNode[node.name];
  if (lower !== undefined) return [lower(lowering, node, children)];
  // The parser marks where a token is missing with an empty error node; nothing of the text is lost with it.
  if (node.type.isError && node.from === node.to) return [];
  return [unsupported(node, node.type.isError ? "a syntax error" : `the statement ${node.name}`)];
}

function spanOf(node: SyntaxNode): { from: number; to: number } {
  return { from: node.from, to: node.to };
}

function lowerYield(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Expression {
  const value = lowerExpressionList(
    lowering,
    children.slice(1).filter((child) => child.name !== "from" && !child.type.isError),
  );
  return { kind: "yield", value, ...spanOf(node) };
}

function lowerAssign(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
  const groups: SyntaxNode[][] = [[]];
  let annotated = false;
  for (const child of children) {
    if (child.name === "AssignOp") groups.push([]);
    else if (child.name === "TypeDef") annotated = true;
    else groups.at(-1)?.push(child);
  }
  const [first, ...rest] = groups.map((group) => lowerExpressionList(lowering, group));
  const missing = unsupported(node, "a syntax error");
  if (annotated) {
    return {
      kind: "annotated",
      target: first ?? missing,
      value: rest.length === 0 ? null : (rest[0] ?? missing),
      ...spanOf(node),
    };
  }
  const value = rest.at(-1) ?? missing;
  const targets = [first, ...rest.slice(0, -1)].map((target) => target ?? missing);
  return { kind: "assign", targets, value, ...spanOf(node) };
}

function lowerUpdate(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
  const [target, operator] = children;
  if (target === undefined || operator?.name !== "UpdateOp") return unsupported(node, "a syntax error");
  return {
    kind: "augmented",
    target: lowering.expression(target),
    operator: textOf(lowering, operator).slice(0, -1) as BinaryOperator,
    value: lowerExpressionList(lowering, children.slice(2)) ?? unsupported(node, "a syntax error"),
    ...spanOf(node),
  };
}
