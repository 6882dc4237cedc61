/** What the text assigns to names of Keras models, and adds to them. */
import type { CallExpression, Expression, Span } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { assignmentsIn, callsIn, dottedName, nodesIn } from "../../python/walk";
import { namesOf } from "./constants";
import { classAround, functionAround } from "./enclosing";
import { codeOf, type ImportedDefinition } from "./importedDefinitions";
import { isKerasModel } from "./kerasModels";

/** Everything that is assigned to a name: of a class for `self.part`, else of the function around or of the file. */
export function valuesOf(file: SourceFile, at: Span, name: string): Expression[] {
  if (isParameter(file, at, name)) return [];
  const within = name.startsWith("self.") ? classAround(file, at) : functionAround(file, at);
  const assigned = (root: object): Expression[] =>
    assignmentsIn(root).flatMap(({ targets, value }) =>
      targets.some((target) => dottedName(target) === name) ? [value] : [],
    );
  const own = within === null ? [] : assigned(within);
  return own.length > 0 || name.startsWith("self.") ? own : assigned(file.module.body);
}

function isParameter(file: SourceFile, at: Span, name: string): boolean {
  for (let fn = functionAround(file, at); fn !== null; fn = functionAround(file, fn))
    if (fn.parameters.some((parameter) => parameter.name === name)) return true;
  return false;
}

/** What an assignment gives a name, and as which element of it. */
export function valuesFor(
  target: Expression,
  name: string,
  value: Expression,
): { value: Expression; index: number | null }[] {
  if (dottedName(target) === name) return [{ value, index: null }];
  const index = target.kind === "sequence" ? target.elements.findIndex((one) => dottedName(one) === name) : -1;
  if (index < 0) return [];
  const own = value.kind === "sequence" ? value.elements[index] : undefined;
  return [own === undefined ? { value, index } : { value: own, index: null }];
}

export const binds = (target: Expression, name: string): boolean =>
  target.kind === "sequence" ? target.elements.some((one) => binds(one, name)) : dottedName(target) === name;

/** `model = Sequential()` gets its layers one by one. */
export function addedTo(file: SourceFile, name: string, value: Expression): [] | null {
  const isModel = value.kind === "call" && isKerasModel(value.callee, namesOf(file).imports);
  return isModel && callsIn(file.module.body).some((call) => grows(file, call, name) && isInScope(file, call, value))
    ? []
    : null;
}

const isInScope = (file: SourceFile, call: Span, value: Span): boolean =>
  functionAround(file, call) === functionAround(file, value);

/** `layers.append(BatchNormalization())`, `model.add(…)` */
export const grows = (file: SourceFile, call: CallExpression, name: string): boolean =>
  /^(add|append|extend)$/.test(dottedName(call.callee)?.slice(name.length + 1) ?? "") &&
  dottedName(call.callee)?.startsWith(`${name}.`) === true &&
  codeOf(file, call).includes("BatchNormalization");

/** What a function itself returns. */
export const returnedBy = ({ file, definition }: ImportedDefinition): Expression[] =>
  nodesIn(definition.body).flatMap((node) =>
    node.kind === "return" && node.value !== null && functionAround(file, node) === definition ? [node.value] : [],
  );
