import type { SyntaxNode } from "@lezer/common";
import type { Expression, Span, UnsupportedNode } from "../expressions";
import type { Block } from "../statements";

/** What the lowering functions share; it ties statements and expressions together without an import cycle. */
export interface Lowering {
  readonly text: string;
  expression(node: SyntaxNode): Expression;
  block(body: SyntaxNode): Block;
}

/** A node's children without comments, which may be anywhere inside brackets. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== "Comment") children.push(child);
  }
  return children;
}

export function hasError(children: readonly SyntaxNode[]): boolean {
  return children.some((child) => child.type.isError);
}

export function textOf(lowering: Lowering, node: Span): string {
  return lowering.text.slice(node.from, node.to);
}

export function unsupported(span: Span, reason: string): UnsupportedNode {
  return { kind: "unsupported", reason, from: span.from, to: span.to };
}

/** Splits children at their commas; a trailing comma adds no empty part. */
export function splitAtCommas(children: readonly SyntaxNode[]): SyntaxNode[][] {
  const parts: SyntaxNode[][] = [[]];
  for (const child of children) {
    if (child.name === ",") parts.push([]);
    else parts.at(-1)?.push(child);
  }
  if (parts.at(-1)?.length === 0) parts.pop();
  return parts;
}

/** The expressions of a comma-separated list, `*x` among them. */
export function lowerElements(lowering: Lowering, children: readonly SyntaxNode[]): Expression[] {
  return splitAtCommas(children).map((part) => lowerElement(lowering, part));
}

function lowerElement(lowering: Lowering, part: readonly SyntaxNode[]): Expression {
  const [first, second] = part;
  if (first === undefined) return unsupported({ from: 0, to: 0 }, "a syntax error");
  if (first.name === "*" && second !== undefined) {
    return { kind: "starred", value: lowering.expression(second), from: first.from, to: second.to };
  }
  if (part.length > 1) return unsupported({ from: first.from, to: part.at(-1)?.to ?? first.to }, "a syntax error");
  return lowering.expression(first);
}

/** One expression, or the tuple that a bare comma makes of several (`return a, b`). */
export function lowerExpressionList(lowering: Lowering, children: readonly SyntaxNode[]): Expression | null {
  const first = children[0];
  const last = children.at(-1);
  if (first === undefined || last === undefined) return null;
  const span = { from: first.from, to: last.to };
  if (hasError(children)) return unsupported(span, "a syntax error");
  const elements = lowerElements(lowering, children);
  const isTuple = children.some((child) => child.name === ",");
  const [only] = elements;
  return isTuple || only === undefined ? { kind: "sequence", type: "tuple", elements, ...span } : only;
}
