import type { SyntaxNode } from "@lezer/common";
import type { Span, UnsupportedNode } from "../../python/expressions";

/** The text that is being lowered. */
export interface JavaScript {
  readonly text: string;
  /** The name under which the file has TensorFlow.js. */
  readonly library: string;
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (!child.name.endsWith("Comment")) children.push(child);
  return children;
}

/** Parts of an expression that are expressions themselves. */
export function operands(node: SyntaxNode): SyntaxNode[] {
  return childrenOf(node).filter(
    ({ name }) =>
      /^(VariableName|Number|String|TemplateString|BooleanLiteral|null|this|super|RegExp)$/.test(name) ||
      /(Expression|Function)$/.test(name),
  );
}

export const textOf = (js: Pick<JavaScript, "text">, node: SyntaxNode): string => js.text.slice(node.from, node.to);

export function unsupported(span: Span, reason: string): UnsupportedNode {
  return { from: span.from, to: span.to, kind: "unsupported", reason };
}
