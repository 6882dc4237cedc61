/** Ways to take a layer's constructor and its calls out. Each gives edits, or null where the code has not its shape. */
import type { SourceRange } from "../protocol/modelGraph";
import type { CallExpression, Expression } from "../python/expressions";
import type { SourceFile } from "../python/parse";
import type { AnyNode } from "../python/walk";
import { appendStatement, attributeName, callAt, isElement, statementOf, textOf, type Placed } from "./syntax";
import { isFirstInLine, lineEnd, restOfLine, wholeLines, type OffsetEdit } from "./textEdits";

/** An element of a Sequential or a list goes with its comma, and with its line if it has one. */
export function asSibling(file: SourceFile, placed: Placed): OffsetEdit[] | null {
  if (!isElement(placed)) return null;
  const { call } = placed;
  const rest = restOfLine(file.text, call.to);
  if (rest !== null && isFirstInLine(file.text, call.from)) return [{ ...wholeLines(file.text, call), newText: "" }];
  const after = /^\s*,[ \t]*/.exec(file.text.slice(call.to))?.[0];
  if (after !== undefined) return [{ from: call.from, to: call.to + after.length, newText: "" }];
  const before = /,\s*$/.exec(file.text.slice(0, call.from))?.[0] ?? "";
  return [{ from: call.from - before.length, to: call.to, newText: "" }];
}

/** `layers.append(nn.BatchNorm2d(64))` goes as a whole. */
export function asAppend(file: SourceFile, placed: Placed): OffsetEdit[] | null {
  const appended = appendStatement(placed);
  return appended === null || !isFirstInLine(file.text, appended.statement.from)
    ? null
    : [{ ...wholeLines(file.text, appended.statement), newText: "" }];
}

/** `self.bn1 = …` goes, and each `self.bn1(x)` becomes `x`; a statement that then does nothing goes too. */
export function asAttribute(file: SourceFile, placed: Placed, calls: readonly SourceRange[]): OffsetEdit[] | null {
  const attribute = attributeName(placed);
  const statement = statementOf(placed);
  if (attribute === null || statement === null || !isFirstInLine(file.text, statement.from)) return null;
  // Whatever else uses the attribute would fail without it.
  const uses = [...file.text.matchAll(new RegExp(`\\bself\\.${attribute}\\b`, "g"))].length;
  const edits: OffsetEdit[] = [];
  const seen = new Set<number>();
  for (const range of calls) {
    const found = range.path === file.path ? callAt(file, range) : null;
    if (found === null) return null;
    if (seen.has(found.call.from)) continue;
    seen.add(found.call.from);
    const edit = unwrapped(file, found, attribute);
    if (edit === null) return null;
    edits.push(edit);
  }
  return uses === seen.size + 1 ? [{ ...wholeLines(file.text, statement), newText: "" }, ...edits] : null;
}

function unwrapped(file: SourceFile, { call, around }: Placed, attribute: string): OffsetEdit | null {
  const { callee } = call;
  const [argument] = call.arguments;
  if (
    callee.kind !== "attribute" ||
    callee.name !== attribute ||
    argument?.kind !== "positional" ||
    call.arguments.length !== 1
  )
    return null;
  const [parent] = around;
  if (parent?.kind === "assign" && doesNothing(parent, call, argument.value) && isAlone(file, parent))
    return { ...wholeLines(file.text, parent), newText: "" };
  const text = textOf(file, argument.value);
  return { ...call, newText: needsBrackets(argument.value, parent) ? `(${text})` : text };
}

/** `x = self.bn(x)` without its call is `x = x`. */
function doesNothing(
  statement: Extract<AnyNode, { kind: "assign" }>,
  call: CallExpression,
  value: Expression,
): boolean {
  const [target, ...others] = statement.targets;
  return (
    statement.value === call &&
    others.length === 0 &&
    target?.kind === "name" &&
    value.kind === "name" &&
    target.name === value.name
  );
}

function isAlone(file: SourceFile, statement: { readonly from: number; readonly to: number }): boolean {
  return (
    isFirstInLine(file.text, statement.from) &&
    file.text.slice(statement.to, lineEnd(file.text, statement.to)).trim().replace(/^#.*/, "") === ""
  );
}

const ATOMS = new Set(["name", "attribute", "call", "subscript", "number", "string", "constant", "comprehension"]);

function needsBrackets(value: Expression, parent: AnyNode | undefined): boolean {
  if (ATOMS.has(value.kind) || value.kind === "sequence") return false;
  return parent === undefined || !["assign", "return", "call", "expression"].includes(parent.kind);
}

/** The constructor of a layer that does nothing, in place of this one: names and indices stay. */
export function asIdentity(placed: Placed, prefix: string): OffsetEdit[] {
  return [{ ...placed.call, newText: `${prefix}Identity()` }];
}
