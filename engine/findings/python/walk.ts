/** Walking the syntax tree without knowing every kind of node: rules look for a few kinds, wherever they stand. */
import type { AttributeExpression, CallExpression, ClassStatement, Expression, FunctionStatement, NameExpression, Statement } from "../../source/python/ast";

export type AnyNode = Expression | Statement;
type NodeOfKind<K extends AnyNode["kind"]> = Extract<AnyNode, { kind: K }>;

/** Trees do not change: each is walked once, and its lists go when it goes. */
const walked = new WeakMap<object, Map<string, readonly AnyNode[]>>();

/** Every object below `root` that has a kind, in the order of the text. */
export function nodesIn(root: unknown): readonly AnyNode[] {
  return listOf(root, "", () => walk(root));
}

function listOf(root: unknown, kind: string, make: () => readonly AnyNode[]): readonly AnyNode[] {
  if (typeof root !== "object" || root === null) return [];
  const lists = walked.get(root) ?? new Map<string, readonly AnyNode[]>();
  walked.set(root, lists);
  const list = lists.get(kind) ?? make();
  lists.set(kind, list);
  return list;
}

/** A stack of its own: trees may be deep. */
function walk(root: unknown): AnyNode[] {
  const found: AnyNode[] = [];
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null) continue;
    if ("kind" in value && "from" in value) found.push(value as AnyNode);
    const children: unknown[] = Object.values(value);
    for (let index = children.length - 1; index >= 0; index--) if (typeof children[index] === "object") pending.push(children[index]);
  }
  return found;
}

function ofKind<K extends AnyNode["kind"]>(root: unknown, kind: K): readonly NodeOfKind<K>[] {
  return listOf(root, kind, () => nodesIn(root).filter((node) => node.kind === kind && isWhole(node))) as readonly NodeOfKind<K>[];
}

/** A keyword argument and a parameter have kinds and spans too, and are no nodes of their own. */
function isWhole(node: AnyNode): boolean {
  return !("defaultValue" in node);
}

export const callsIn = (root: unknown): readonly CallExpression[] => ofKind(root, "call");
export const attributesIn = (root: unknown): readonly AttributeExpression[] => ofKind(root, "attribute");
export const namesIn = (root: unknown): readonly NameExpression[] => ofKind(root, "name");
export const classesIn = (root: unknown): readonly ClassStatement[] => ofKind(root, "class");
export const functionsIn = (root: unknown): readonly FunctionStatement[] => ofKind(root, "function");

/** `a.b.c` as text, or null for anything else than names and dots. */
export function dottedName(expression: Expression): string | null {
  if (expression.kind === "name") return expression.name;
  if (expression.kind !== "attribute") return null;
  const object = dottedName(expression.object);
  return object === null ? null : `${object}.${expression.name}`;
}
