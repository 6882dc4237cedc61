/** Walking the syntax tree without knowing every kind of node: rules look for a few kinds, wherever they are. */
import type { AttributeExpression, CallExpression, Expression, NameExpression, StringExpression } from "./expressions";
import type { AssignStatement, ClassStatement, FunctionStatement, Statement } from "./statements";

export type AnyNode = Expression | Statement;
type NodeOfKind<K extends AnyNode["kind"]> = Extract<AnyNode, { kind: K }>;

/** Rules ask for the same trees again and again: each is walked once. Trees do not change. */
const walked = new WeakMap<object, Map<AnyNode["kind"] | "any", readonly AnyNode[]>>();

/**
 * Every object below `root` that has a kind, in the order of the text. Classes and functions of a block are remembered
 * by themselves: after an edit those before it are the same objects as before (parse.ts), and walked already.
 */
export function nodesIn(root: object): readonly AnyNode[] {
  return remembered(root, "any", () => (Array.isArray(root) ? (root as object[]).flatMap(nodesOf) : walk(root)));
}

/** The same for one statement of many. */
export function nodesOf(statement: object): readonly AnyNode[] {
  return isDefinition(statement) ? nodesIn(statement) : walk(statement);
}

/** Statements worth remembering: there may be tens of thousands of others. */
export const isDefinition = (node: object): boolean =>
  "kind" in node && (node.kind === "class" || node.kind === "function");

/**
 * A separate stack, because trees may be deep. Every rule waits for this, after every key: no arrays are made for a
 * node.
 */
function walk(root: object): AnyNode[] {
  const nodes: AnyNode[] = [];
  const pending: object[] = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if ("kind" in value && "from" in value) nodes.push(value as AnyNode);
    const mark = pending.length;
    for (const key in value) {
      const child = (value as Record<string, unknown>)[key];
      if (typeof child === "object" && child !== null) pending.push(child);
    }
    reverseFrom(pending, mark);
  }
  return nodes;
}

function reverseFrom(values: object[], start: number): void {
  for (let low = start, high = values.length - 1; low < high; low++, high--) {
    const [first, last] = [values[low], values[high]];
    if (first === undefined || last === undefined) return;
    values[low] = last;
    values[high] = first;
  }
}

function ofKind<K extends AnyNode["kind"]>(root: object, kind: K): readonly NodeOfKind<K>[] {
  return remembered(root, kind, () =>
    nodesIn(root).filter((node) => node.kind === kind && isWhole(node)),
  ) as readonly NodeOfKind<K>[];
}

function remembered(root: object, key: AnyNode["kind"] | "any", find: () => AnyNode[]): readonly AnyNode[] {
  const known = walked.get(root) ?? new Map<AnyNode["kind"] | "any", readonly AnyNode[]>();
  walked.set(root, known);
  const nodes = known.get(key) ?? find();
  known.set(key, nodes);
  return nodes;
}

/** A keyword argument and a parameter have kinds and spans too, but are not nodes. */
function isWhole(node: AnyNode): boolean {
  return !("defaultValue" in node);
}

export const callsIn = (root: object): readonly CallExpression[] => ofKind(root, "call");
export const attributesIn = (root: object): readonly AttributeExpression[] => ofKind(root, "attribute");
export const namesIn = (root: object): readonly NameExpression[] => ofKind(root, "name");
export const classesIn = (root: object): readonly ClassStatement[] => ofKind(root, "class");
export const assignmentsIn = (root: object): readonly AssignStatement[] => ofKind(root, "assign");
export const stringsIn = (root: object): readonly StringExpression[] => ofKind(root, "string");
export const functionsIn = (root: object): readonly FunctionStatement[] => ofKind(root, "function");

/** `a` of `a.b.c`; null for anything else than names and dots. */
export function firstName(expression: Expression): string | null {
  let object = expression;
  while (object.kind === "attribute") object = object.object;
  return object.kind === "name" ? object.name : null;
}

/** `a.b.c` as text, or null for anything else than names and dots. */
export function dottedName(expression: Expression): string | null {
  if (expression.kind === "name") return expression.name;
  if (expression.kind !== "attribute") return null;
  const object = dottedName(expression.object);
  return object === null ? null : `${object}.${expression.name}`;
}
