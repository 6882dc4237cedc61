import type { SyntaxNode } from "@lezer/common";
import type { ComprehensionClause, Expression } from "../expressions";
import { childrenOf, hasError, lowerExpressionList, unsupported, type Lowering } from "./lowering";

const CLAUSE_WORDS = new Set(["for", "in", "if", "async"]);

interface Group {
  readonly word: string;
  readonly nodes: SyntaxNode[];
}

/** Lowers a comprehension, or the argument list whose only argument is a bare generator. */
export function lowerComprehension(
  lowering: Lowering,
  node: SyntaxNode,
  type: "list" | "set" | "dict" | "generator",
): Expression {
  const children = childrenOf(node).slice(1, -1);
  if (hasError(children)) return unsupported(node, "a syntax error");
  const groups = groupByWord(children);
  const head = groups[0]?.nodes ?? [];
  const colon = head.findIndex((child) => child.name === ":");
  const element = lowerExpressionList(lowering, colon < 0 ? head : head.slice(0, colon));
  const value = colon < 0 ? null : lowerExpressionList(lowering, head.slice(colon + 1));
  const clauses = lowerClauses(lowering, groups.slice(1));
  if (element === null || clauses === null) return unsupported(node, "a syntax error");
  return { kind: "comprehension", type, element, value, clauses, from: node.from, to: node.to };
}

function groupByWord(children: readonly SyntaxNode[]): Group[] {
  const groups: Group[] = [{ word: "", nodes: [] }];
  for (const child of children) {
    if (CLAUSE_WORDS.has(child.name)) groups.push({ word: child.name, nodes: [] });
    else groups.at(-1)?.nodes.push(child);
  }
  return groups.filter((group) => group.word !== "async");
}

function lowerClauses(lowering: Lowering, groups: readonly Group[]): ComprehensionClause[] | null {
  const clauses: { target: Expression; iterable: Expression; conditions: Expression[] }[] = [];
  for (let index = 0; index < groups.length; index++) {
    const group = groups[index];
    const expression = group === undefined ? null : lowerExpressionList(lowering, group.nodes);
    if (group === undefined || expression === null) return null;
    if (group.word === "if") clauses.at(-1)?.conditions.push(expression);
    if (group.word !== "for") continue;
    const iterable = lowerExpressionList(lowering, groups[index + 1]?.nodes ?? []);
    if (iterable === null) return null;
    clauses.push({ target: expression, iterable, conditions: [] });
    index++;
  }
  return clauses;
}
