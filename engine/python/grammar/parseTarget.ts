/** What can be given a value: by an assignment, `for`, `with`, or `del`. */
import type { Expression } from "../expressions";
import type { Cursor } from "./cursor";

export type TargetUse = "assign" | "delete";

/** The targets of `for`: one, or several with commas. */
export function parseTargets(cursor: Cursor): Expression {
  const { from } = cursor.token;
  const first = parseTarget(cursor);
  if (!cursor.isAt(",")) return first;
  const elements = [first];
  while (cursor.skip(",") && !cursor.isAt("in")) elements.push(parseTarget(cursor));
  return { kind: "sequence", type: "tuple", elements, ...cursor.since(from) };
}

export function parseTarget(cursor: Cursor): Expression {
  const begin = cursor.token;
  const target = cursor.isAt("*") ? parseStarredTarget(cursor) : cursor.rules.bitwiseOr(cursor);
  return isTarget(target) ? target : cursor.fail(begin);
}

function parseStarredTarget(cursor: Cursor): Expression {
  const { from } = cursor.take();
  const value = cursor.rules.bitwiseOr(cursor);
  return { kind: "starred", value, ...cursor.since(from) };
}

export function isTarget(node: Expression, use: TargetUse = "assign"): boolean {
  switch (node.kind) {
    case "starred":
      return use === "assign" && node.value.kind !== "starred" && isTarget(node.value);
    case "sequence":
      return node.type !== "set" && node.elements.every((element) => isTarget(element, use));
    default:
      return isSingleTarget(node);
  }
}

/** What `+=` and an annotation can follow. */
export function isSingleTarget({ kind, ...node }: Expression): boolean {
  // A chain too long to be followed ends in a call, an attribute or a subscript.
  if (kind === "unsupported") return "reason" in node && node.reason === "an expression nested too deeply";
  return kind === "name" || kind === "attribute" || kind === "subscript";
}
