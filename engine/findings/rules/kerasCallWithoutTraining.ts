/**
 * A loop with GradientTape that calls its model without training=True: outside of fit() the default is inference, so
 * BN uses moving averages that nothing updates (tensorflow/tensorflow#32864).
 */
import type { CallExpression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import type { WithStatement } from "../../python/statements";
import { callsIn, classesIn, dottedName, functionsIn, nodesIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { classAround, functionAround } from "../python/enclosing";
import { leadsTo } from "../python/importedDefinitions";
import { modelsWithNorm } from "../python/kerasModels";
import type { SourceFinding } from "../sourceFinding";
import { counted } from "../wording";

/** What the text alone says: the rule needs no graph. */
type Text = Pick<FindingContext, "file" | "names">;

/** Models that the file itself makes. */
export const kerasCallWithoutTraining = (context: FindingContext): SourceFinding[] =>
  isLoop(context.file) ? callsWithout(context, modelsWithNorm(context)) : [];

export const isLoop = ({ text }: SourceFile): boolean =>
  text.includes("GradientTape") && !/set_learning_phase\s*\(/.test(text);

/** Calls inside a tape whose gradient goes to weights, with nothing but an input. */
export const callsThatTrain = (file: SourceFile): CallExpression[] =>
  [...nodesIn(file.module.body)]
    .filter((node): node is WithStatement => node.kind === "with" && isTape(file, node))
    .filter((node) => isTrained(file, node))
    .flatMap(({ body }) => callsIn(body))
    .filter(saysNothing);

function callsWithout(context: Text, models: ReadonlySet<string>): SourceFinding[] {
  const calls = callsThatTrain(context.file).filter((call) => isModel(context, call, models));
  const byModel = new Map<string, CallExpression[]>();
  for (const call of calls) {
    const name = dottedName(call.callee) ?? "";
    byModel.set(name, [...(byModel.get(name) ?? []), call]);
  }
  return [...byModel].flatMap(([name, [first, ...others]]) =>
    first === undefined ? [] : [describeCalls(context, name, first, others.length + 1)],
  );
}

const isTape = (file: SourceFile, { items }: WithStatement): boolean =>
  items.some(({ context }) => /GradientTape\s*\(/.test(file.text.slice(context.from, context.to)));

/** The tape's gradient goes to weights: a look at a saliency map trains nothing. */
function isTrained(file: SourceFile, tape: WithStatement): boolean {
  const around = functionAround(file, tape)?.body ?? file.module.body;
  return callsIn(around).some(({ callee }) => /\.(apply_gradients|apply|minimize)$/.test(dottedName(callee) ?? ""));
}

function isModel(context: Text, call: CallExpression, models: ReadonlySet<string>): boolean {
  const name = dottedName(call.callee);
  if (name === null) return false;
  if (name !== "self") return models.has(name) && !defaultsToTraining(context, name);
  const cls = classAround(context.file, call);
  return (
    cls !== null &&
    leadsTo({ file: context.file, definition: cls }, "BatchNormalization") &&
    !hasDefault(context, cls.name)
  );
}

/** Exactly one argument: `training` may be the second. */
const saysNothing = ({ arguments: args }: CallExpression): boolean =>
  args.length === 1 && args[0]?.kind === "positional";

/** `def call(self, x, training=True)` */
function defaultsToTraining(context: Text, name: string): boolean {
  const classes = [...nodesIn(context.file.module.body)].flatMap((node) =>
    node.kind === "assign" && node.value.kind === "call" && node.targets.some((target) => dottedName(target) === name)
      ? [dottedName(node.value.callee) ?? ""]
      : [],
  );
  return classes.some((cls) => hasDefault(context, cls));
}

function hasDefault({ file }: Text, name: string): boolean {
  const cls = classesIn(file.module.body).find((one) => one.name === name);
  const call = cls === undefined ? undefined : functionsIn(cls.body).find((method) => method.name === "call");
  const given = call?.parameters.find((parameter) => parameter.name === "training")?.defaultValue;
  return given?.kind === "constant" && given.value === true;
}

export function describeCalls(context: Text, name: string, call: CallExpression, count: number): SourceFinding {
  return findingOf({
    rule: "keras-call-without-training",
    layers: [],
    expression: rangeOf(context, call),
    verdict: `${name} is trained in inference mode: this call does not say training=True.`,
    evidence:
      `Outside of fit() the default of training is False. In ${counted(count, "such call")} the BN layers ` +
      `normalize with ` +
      "their moving averages, which start at 0 and 1 and are never updated, and dropout is off.",
    next: `Call it as ${name}(…, training=True).`,
  });
}
