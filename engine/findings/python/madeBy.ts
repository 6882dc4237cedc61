/**
 * Which call of a project's function or class data comes from, followed through names, loaders and loops by their
 * text.
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { assignmentsIn, classesIn, dottedName, functionsIn, nodesIn } from "../../python/walk";
import { assignedPairs } from "./bindings";

const DEPTH = 8;

/** `scenes(2000, night=True)` for `night[0][index]`; null where the text does not lead to one call. */
export function madeBy(file: SourceFile, expression: Expression, depth = DEPTH): CallExpression | null {
  if (depth === 0) return null;
  const next = (inner: Expression | undefined): CallExpression | null =>
    inner === undefined ? null : madeBy(file, inner, depth - 1);
  switch (expression.kind) {
    case "subscript":
    case "attribute":
      return next(expression.object);
    case "starred":
      return next(expression.value);
    case "name": {
      const values = valuesOf(file, expression.name);
      return values.length === 1 ? next(values[0]) : null;
    }
    case "call": {
      const name = dottedName(expression.callee);
      if (name !== null && isOwn(file, name)) return expression;
      if (expression.callee.kind === "attribute" && name === null) return next(expression.callee.object);
      const isMethod = expression.callee.kind === "attribute" && KEEPS.test(expression.callee.name);
      if (isMethod && expression.callee.kind === "attribute") return next(expression.callee.object);
      return PASSES.test(name ?? "") ? next(expression.arguments[0]?.value) : null;
    }
    default:
      return null;
  }
}

const KEEPS = /^(to|cuda|float|split|view|reshape)$/;
/** Calls that hand on the data they are given first. */
const PASSES = /(^|\.)(DataLoader|TensorDataset|iter|next|cycle|enumerate|Subset)$/;

const isOwn = (file: SourceFile, name: string): boolean =>
  [...functionsIn(file.module.body), ...classesIn(file.module.body)].some((node) => node.name === name);

/** What a name is bound to, by assignments and by loops. */
function valuesOf(file: SourceFile, name: string): Expression[] {
  const assigned = assignmentsIn(file.module.body).flatMap((statement) => assignedPairs(statement));
  const looped = [...nodesIn(file.module.body)].flatMap((node) =>
    node.kind === "for" ? loopedPairs(node.target, node.iterable) : [],
  );
  return [...assigned, ...looped].flatMap(([target, value]) =>
    target.kind === "name" && target.name === name ? [value] : [],
  );
}

/** `for (a, _), (b, _) in zip(one, other)`: a comes from one, b from the other. */
function loopedPairs(target: Expression, iterable: Expression): [Expression, Expression][] {
  if (target.kind !== "sequence") return [[target, iterable]];
  const isZip = iterable.kind === "call" && dottedName(iterable.callee) === "zip";
  const isCounted = iterable.kind === "call" && dottedName(iterable.callee) === "enumerate";
  return target.elements.flatMap((element, index) => {
    const inner =
      isCounted && index === 1 ? iterable.arguments[0]?.value : isZip ? iterable.arguments[index]?.value : iterable;
    return inner === undefined ? [] : loopedPairs(element, inner);
  });
}

/** Both calls make data in one way, and a setting that is no number of samples and no seed tells them apart. */
export function areUnlike(one: CallExpression, other: CallExpression): boolean {
  if (dottedName(one.callee) !== dottedName(other.callee)) return false;
  const names = new Set([...settingsOf(one).keys(), ...settingsOf(other).keys()]);
  return [...names].some((name) => {
    const [a, b] = [settingsOf(one).get(name), settingsOf(other).get(name)];
    return a !== b && [a, b].every((value) => value !== null);
  });
}

/** Constants by their place or keyword; null for what says nothing about the kind of data. */
function settingsOf({ arguments: args }: CallExpression): ReadonlyMap<string, string | null> {
  return new Map(
    args.map(({ value, ...argument }, index) => {
      const isTelling =
        value.kind === "constant" || value.kind === "string" || (value.kind === "number" && value.type === "float");
      const name = argument.kind === "keyword" ? argument.name : String(index);
      const text = isTelling ? `${value.kind} ${String(value.value)}` : null;
      return [name, text] as const;
    }),
  );
}
