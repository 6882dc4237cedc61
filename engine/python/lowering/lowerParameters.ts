import type { SyntaxNode } from "@lezer/common";
import type { Argument, Expression, Parameter, ParameterKind } from "../expressions";
import { childrenOf, splitAtCommas, textOf, type Lowering } from "./lowering";

/** Lowers a parameter list; annotations are left out, since they have no effect on what a model computes. */
export function lowerParameters(lowering: Lowering, list: SyntaxNode): Parameter[] {
  const children = childrenOf(list).filter((child) => child.name !== "(" && child.name !== ")");
  const slash = slashOffset(lowering, list);
  const parameters: Parameter[] = [];
  let afterStar = false;
  for (const part of splitAtCommas(children)) {
    if (part.length === 0) continue;
    if (part[0]?.name === "*" && part.length === 1) afterStar = true;
    else {
      const parameter = lowerParameter(lowering, part, afterStar);
      if (parameter === null) continue;
      if (parameter.kind === "star") afterStar = true;
      parameters.push(parameter);
    }
  }
  return parameters.map((parameter) => (parameter.from < slash ? { ...parameter, kind: "positionalOnly" } : parameter));
}

/** Where `/` is in the list, or -1. The grammar skips it without a node, so it is looked for between the nodes. */
function slashOffset(lowering: Lowering, list: SyntaxNode): number {
  for (let child = list.firstChild; child !== null; child = child.nextSibling) {
    const gap = lowering.text.slice(child.to, child.nextSibling?.from ?? child.to);
    if (gap.includes("/")) return child.to;
  }
  return -1;
}

function lowerParameter(lowering: Lowering, part: readonly SyntaxNode[], afterStar: boolean): Parameter | null {
  const name = part.find((child) => child.name === "VariableName");
  if (name === undefined) return null;
  const equals = part.findIndex((child) => child.name === "AssignOp");
  const value = equals < 0 ? undefined : part[equals + 1];
  return {
    name: textOf(lowering, name),
    kind: parameterKind(part[0]?.name, afterStar),
    defaultValue: value === undefined ? null : lowering.expression(value),
    from: name.from,
    to: part.at(-1)?.to ?? name.to,
  };
}

function parameterKind(marker: string | undefined, afterStar: boolean): ParameterKind {
  if (marker === "*") return "star";
  if (marker === "**") return "doubleStar";
  return afterStar ? "keywordOnly" : "normal";
}

/** Lowers the arguments of a call or of a class definition; null when they do not parse. */
export function lowerArguments(lowering: Lowering, list: SyntaxNode): Argument[] | null {
  const children = childrenOf(list);
  if (children.some((child) => child.type.isError)) return null;
  const inner = children.filter((child) => child.name !== "(" && child.name !== ")");
  const lowered: Argument[] = [];
  for (const part of splitAtCommas(inner)) {
    const argument = lowerArgument(lowering, part);
    if (argument === null) return null;
    lowered.push(argument);
  }
  return lowered;
}

function lowerArgument(lowering: Lowering, part: readonly SyntaxNode[]): Argument | null {
  const [first, second, third] = part;
  if (first === undefined) return null;
  if (second === undefined) return { kind: "positional", value: lowering.expression(first) };
  if (first.name === "*") return { kind: "star", value: lowering.expression(second) };
  if (first.name === "**") return { kind: "doubleStar", value: lowering.expression(second) };
  if (second.name !== "AssignOp" || third === undefined) return null;
  const value = lowering.expression(third);
  if (textOf(lowering, second) === ":=") return walrusArgument(lowering, first, third, value);
  return {
    kind: "keyword",
    name: textOf(lowering, first),
    value,
    from: first.from,
    to: third.to,
  };
}

/** `f(n := 3)` passes a positional argument. */
function walrusArgument(lowering: Lowering, name: SyntaxNode, end: SyntaxNode, value: Expression): Argument {
  const target = { kind: "name", name: textOf(lowering, name), from: name.from, to: name.to } as const;
  return { kind: "positional", value: { kind: "named", target, value, from: name.from, to: end.to } };
}
