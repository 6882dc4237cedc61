/** Loops of one's own: which calls of a file run in a GradientTape whose gradients train weights. */
import type { CallExpression, Span } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import type { FunctionStatement, WithStatement } from "../../python/statements";
import { callsIn, dottedName, functionsIn, nodesIn } from "../../python/walk";
import { codeOf } from "./importedDefinitions";
import { classAround, functionAround } from "./enclosing";

export const isLoop = ({ text }: SourceFile): boolean =>
  text.includes("GradientTape") && !/set_learning_phase\s*\(/.test(text);

/** Calls in a tape, or in a function that one calls, with nothing but an input. */
export function callsThatTrain(file: SourceFile): CallExpression[] {
  const direct = trainingTapes(file).flatMap(({ body }) => callsIn(body));
  const inHelpers = [...helpersOf(file, direct)].flatMap((fn) =>
    callsIn(fn.body).filter((call) => functionAround(file, call) === fn && mayBeTrained(file, fn, call)),
  );
  return [...new Set([...direct, ...inHelpers])].filter(saysNothing);
}

/** Tapes whose gradients go to weights: a look at a saliency map trains nothing. */
export const trainingTapes = (file: SourceFile): WithStatement[] =>
  nodesIn(file.module.body)
    .filter((node): node is WithStatement => node.kind === "with" && isTape(file, node))
    .filter((tape) => isTrained(file, tape));

const isTape = (file: SourceFile, { items }: WithStatement): boolean =>
  items.some(({ context }) => /GradientTape\s*\(/.test(file.text.slice(context.from, context.to)));

const APPLIES = /\.(apply_gradients|apply|minimize)$/;

/** They are applied beside the tape, or those of weights are returned and applied elsewhere in the file. */
function isTrained(file: SourceFile, tape: WithStatement): boolean {
  const around = callsIn(functionAround(file, tape)?.body ?? file.module.body);
  return (
    around.some(({ callee }) => APPLIES.test(dottedName(callee) ?? "")) ||
    (around.some((call) => isGradientOfWeights(file, call)) && /\.(apply_gradients|minimize)\s*\(/.test(file.text))
  );
}

const isGradientOfWeights = (file: SourceFile, { callee, arguments: args }: CallExpression): boolean =>
  callee.kind === "attribute" &&
  callee.name === "gradient" &&
  args.some(({ value }) => /\.trainable_(weights|variables)\b/.test(codeOf(file, value)));

/** Functions and methods of the file that the calls lead to, one through another. */
function helpersOf(file: SourceFile, calls: readonly CallExpression[]): Set<FunctionStatement> {
  const helpers = new Set(calls.flatMap((call) => helperOf(file, call) ?? []));
  for (const helper of helpers)
    for (const call of callsIn(helper.body)) {
      const next = helperOf(file, call);
      if (next !== null) helpers.add(next);
    }
  return helpers;
}

/** `compute_loss(x)`, a function of the file, and `self.compute_loss(x)`, a method of the class around. */
function helperOf(file: SourceFile, { callee }: CallExpression): FunctionStatement | null {
  const name = dottedName(callee) ?? "";
  const body = name.startsWith("self.") ? classAround(file, callee)?.body : file.module.body;
  const wanted = name.replace(/^self\./, "");
  const helper = functionsIn(body ?? []).find((fn) => fn.name === wanted && body?.includes(fn) === true);
  return helper === undefined || /^(call|__call__)$/.test(helper.name) ? null : helper;
}

/** Only asked, a network that a loss is made of has no weights that the file trains. */
function mayBeTrained(file: SourceFile, helper: FunctionStatement, call: CallExpression): boolean {
  const name = dottedName(call.callee);
  if (name === null) return false;
  const given = helper.parameters.findIndex((parameter) => parameter.name === name);
  const names = given < 0 ? [name] : givenTo(file, helper, given);
  return names.some((one) => one === "self" || trainsWeightsOf(file, one));
}

/** What callers give a parameter, by its name. */
function givenTo(file: SourceFile, helper: FunctionStatement, position: number): string[] {
  const offset = Number(helper.parameters[0]?.name === "self");
  const name = helper.parameters[position]?.name ?? "";
  return callsIn(file.module.body)
    .filter(({ callee }) => dottedName(callee)?.split(".").at(-1) === helper.name)
    .flatMap(({ arguments: args }) => {
      const named = args.find((argument) => argument.kind === "keyword" && argument.name === name);
      const value = named?.value ?? args[position - offset]?.value;
      return value === undefined ? [] : (dottedName(value) ?? []);
    });
}

/** The file names its trainable weights, as for an optimizer. */
export const trainsWeightsOf = ({ text }: SourceFile, name: string): boolean =>
  new RegExp(`(^|[^\\w.])${name.replaceAll(".", "\\.")}\\.trainable_(weights|variables)\\b`).test(text);

/** Exactly one argument: `training` may be the second. */
const saysNothing = ({ arguments: args }: CallExpression): boolean =>
  args.length === 1 && args[0]?.kind === "positional";

/** In a tape, or in a function that is called in one. */
export function runsInTape(file: SourceFile, span: Span): boolean {
  const name = functionAround(file, span)?.name;
  return nodesIn(file.module.body).some(
    (node) =>
      node.kind === "with" &&
      isTape(file, node) &&
      ((node.from <= span.from && span.to <= node.to) ||
        callsIn(node).some(({ callee }) => dottedName(callee)?.split(".").at(-1) === name)),
  );
}
