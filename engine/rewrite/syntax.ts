/** Where a call is in a file: what is around it, and how torch.nn is called there. */
import type { SourceRange } from "../protocol/modelGraph";
import type { CallExpression, Expression, Span } from "../python/expressions";
import type { Statement } from "../python/statements";
import type { SourceFile } from "../python/parse";
import { dottedName, nodesIn, type AnyNode } from "../python/walk";

/** An expression with everything it stands in, the nearest first; the last is a statement of the file. */
export interface Placed {
  readonly call: CallExpression;
  readonly around: readonly AnyNode[];
}

/** The call of exactly this range; null when there is none. */
export function callAt(file: SourceFile, range: SourceRange): Placed | null {
  let found: Placed | null = null;
  const visit = (value: unknown, around: readonly AnyNode[]): void => {
    if (found !== null || typeof value !== "object" || value === null) return;
    const isNode = "kind" in value && "from" in value && !("defaultValue" in value) && !isArgument(value);
    const node = isNode ? (value as AnyNode) : null;
    if (node !== null && !covers(file, node, range)) return;
    if (node?.kind === "call" && isRange(file, node, range)) {
      found = { call: node, around };
      return;
    }
    const inner = node === null ? around : [node, ...around];
    for (const child of Object.values(value)) visit(child, inner);
  };
  visit(file.module.body, []);
  return found;
}

/** An argument has a kind and a span, but is not a node. */
function isArgument(value: object): boolean {
  return (
    "kind" in value &&
    typeof value.kind === "string" &&
    ["positional", "keyword", "star", "doubleStar"].includes(value.kind)
  );
}

/** A statement's body may be outside of the span of its head only in a file that does not parse. */
function covers(file: SourceFile, span: Span, range: SourceRange): boolean {
  const own = file.lines.range(file.path, span);
  return own.startLine <= range.startLine && range.endLine <= own.endLine;
}

function isRange(file: SourceFile, span: Span, range: SourceRange): boolean {
  const own = file.lines.range(file.path, span);
  return (
    own.startLine === range.startLine &&
    own.startColumn === range.startColumn &&
    own.endLine === range.endLine &&
    own.endColumn === range.endColumn
  );
}

export function statementOf({ around }: Placed): Statement | null {
  const statement = around.find((node) =>
    ["assign", "annotated", "augmented", "expression", "return"].includes(node.kind),
  );
  return (statement as Statement | undefined) ?? null;
}

/** `conv1` for `self.conv1 = nn.Conv2d(…)`. */
export function attributeName({ call, around }: Placed): string | null {
  const [statement] = around;
  const target =
    statement?.kind === "assign" && statement.value === call && statement.targets.length === 1
      ? statement.targets[0]
      : statement?.kind === "annotated" && statement.value === call
        ? statement.target
        : undefined;
  return target?.kind === "attribute" && target.object.kind === "name" && target.object.name === "self"
    ? target.name
    : null;
}

/** The call itself as an element of a list, a tuple or of what a Sequential is called with; null elsewhere. */
export function isElement(placed: Placed): boolean {
  const [parent] = placed.around;
  if (parent?.kind === "sequence") return parent.type !== "set" && parent.elements.includes(placed.call);
  return (
    parent?.kind === "call" &&
    isSequential(parent.callee) &&
    parent.arguments.some((argument) => argument.kind === "positional" && argument.value === placed.call)
  );
}

function isSequential(callee: Expression): boolean {
  return dottedName(callee)?.split(".").at(-1) === "Sequential";
}

/** `layers.append(nn.Conv2d(…))` as a separate statement. */
export function appendStatement({
  call,
  around,
}: Placed): { readonly statement: Statement; readonly list: string } | null {
  const [parent, statement] = around;
  if (
    parent?.kind !== "call" ||
    statement?.kind !== "expression" ||
    parent.callee.kind !== "attribute" ||
    parent.callee.name !== "append"
  )
    return null;
  const list = dottedName(parent.callee.object);
  return list === null || parent.arguments.length !== 1 || parent.arguments[0]?.value !== call
    ? null
    : { statement, list };
}

export interface NnPrefix {
  /** `nn.`, `torch.nn.`, or empty. */
  readonly text: string;
  /** The import to add, and where; null when the file has one. */
  readonly missingImport: { readonly offset: number; readonly line: string } | null;
}

/** How the file writes torch.nn: as the neighbouring constructor does, or by its imports. */
export function nnPrefix(file: SourceFile, neighbour: CallExpression | null): NnPrefix {
  const written = neighbour?.callee.kind === "attribute" ? dottedName(neighbour.callee.object) : null;
  const names = importedNames(file);
  if (written !== null && names.has(written)) return { text: `${written}.`, missingImport: null };
  const [name] = names;
  if (name !== undefined) return { text: `${name}.`, missingImport: null };
  const last = file.module.body.filter(({ kind }) => kind === "import" || kind === "importFrom").at(-1);
  return { text: "nn.", missingImport: { offset: last?.to ?? 0, line: "import torch.nn as nn" } };
}

/** Names under which the file's top level has torch.nn, the shortest first. */
function importedNames(file: SourceFile): Set<string> {
  const names = new Set<string>();
  for (const node of nodesIn(file.module.body)) {
    if (node.kind === "import") {
      for (const { name, alias } of node.names) {
        if (name === "torch.nn") names.add(alias ?? "torch.nn");
        if (name === "torch") names.add(`${alias ?? "torch"}.nn`);
      }
    }
    if (node.kind === "importFrom" && node.module === "torch" && node.level === 0) {
      for (const { name, alias } of node.names ?? []) if (name === "nn") names.add(alias ?? "nn");
    }
  }
  return new Set([...names].sort((a, b) => a.length - b.length));
}

export const textOf = (file: SourceFile, span: Span): string => file.text.slice(span.from, span.to);
