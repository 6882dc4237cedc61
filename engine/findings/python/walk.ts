/** Walking the syntax tree without knowing every kind of node: rules look for a few kinds, wherever they stand. */
import type { AttributeExpression, CallExpression, ClassStatement, Expression, FunctionStatement, NameExpression, Statement } from "../../source/python/ast";

export type AnyNode = Expression | Statement;
type NodeOfKind<K extends AnyNode["kind"]> = Extract<AnyNode, { kind: K }>;

/** Every object below `root` that has a kind, in the order of the text. A stack of its own: trees may be deep. */
export function* nodesIn(root: unknown): Generator<AnyNode> {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null) continue;
    if ("kind" in value && "from" in value) yield value as AnyNode;
    for (const child of Object.values(value).reverse()) if (typeof child === "object") pending.push(child);
  }
}

function ofKind<K extends AnyNode["kind"]>(root: unknown, kind: K): NodeOfKind<K>[] {
  const found: NodeOfKind<K>[] = [];
  for (const node of nodesIn(root)) if (node.kind === kind && isWhole(node)) found.push(node as NodeOfKind<K>);
  return found;
}

/** A keyword argument and a parameter have kinds and spans too, and are no nodes of their own. */
function isWhole(node: AnyNode): boolean {
  return !("defaultValue" in node);
}

export const callsIn = (root: unknown): CallExpression[] => ofKind(root, "call");
export const attributesIn = (root: unknown): AttributeExpression[] => ofKind(root, "attribute");
export const namesIn = (root: unknown): NameExpression[] => ofKind(root, "name");
export const classesIn = (root: unknown): ClassStatement[] => ofKind(root, "class");
export const functionsIn = (root: unknown): FunctionStatement[] => ofKind(root, "function");

/** `a.b.c` as text, or null for anything else than names and dots. */
export function dottedName(expression: Expression): string | null {
  if (expression.kind === "name") return expression.name;
  if (expression.kind !== "attribute") return null;
  const object = dottedName(expression.object);
  return object === null ? null : `${object}.${expression.name}`;
}
