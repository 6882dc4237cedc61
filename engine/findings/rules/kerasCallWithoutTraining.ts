/**
 * A loop with GradientTape that calls its model without training=True: outside of fit() the default is inference, so
 * BN uses moving averages that nothing updates (tensorflow/tensorflow#32864). What makes the model says whether it has
 * BN: in this file, in another, or where a class or function is given it.
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { callsIn, dottedName } from "../../python/walk";
import { rangeOf } from "../context";
import { findingOf } from "../draft";
import { classAround, functionAround } from "../python/enclosing";
import { callsThatTrain, isLoop } from "../python/gradientTapes";
import { leadsTo } from "../python/importedDefinitions";
import { isFrozenThroughout } from "../python/kerasModels";
import { KerasNorms, type Makers, type Project } from "../python/kerasNorms";
import type { SourceFinding } from "../sourceFinding";
import { counted } from "../wording";

export function kerasCallWithoutTraining(file: SourceFile, project: Project): SourceFinding[] {
  if (!isLoop(file)) return [];
  const byName = new Map<string, CallExpression[]>();
  for (const call of callsThatTrain(file)) {
    const name = dottedName(call.callee);
    if (name !== null) byName.set(name, [...(byName.get(name) ?? []), call]);
  }
  const norms = new KerasNorms(project);
  return [...byName].flatMap(([name, calls]) => {
    const [first] = calls;
    if (first === undefined || trainsElsewhere(file, first, name) || isFrozenThroughout(file, name)) return [];
    const makers = norms.makersOf(file, first.callee);
    return makers?.every(isInferredByDefault) === true ? [describe(file, name, first, calls.length)] : [];
  });
}

/** None of its calls says by itself that it trains, or only calls of other parts than its own BN layers do. */
const isInferredByDefault = (made: Makers[number]): boolean =>
  !leadsTo(made, /training\s*=\s*True/) || asksOwnNorms(made);

/** A function that makes a graph has `BatchNormalization()(x)` in it. */
const asksOwnNorms = ({ definition }: Makers[number]): boolean =>
  definition.kind === "function" &&
  callsIn(definition.body).some(
    ({ callee, arguments: args }) =>
      callee.kind === "call" &&
      /(^|\.)BatchNormalization$/.test(dottedName(callee.callee) ?? "") &&
      !args.some((argument) => argument.kind === "keyword" && argument.name === "training"),
  );

const trainsElsewhere = (file: SourceFile, call: CallExpression, name: string): boolean =>
  callsIn(classAround(file, call) ?? functionAround(file, call)?.body ?? file.module.body).some(
    (other) =>
      dottedName(other.callee) === name &&
      other.arguments.some(
        (argument) => argument.kind === "keyword" && argument.name === "training" && !isFalse(argument.value),
      ),
  );

/** An evaluation says nothing about how the model is trained. */
const isFalse = (value: Expression): boolean => value.kind === "constant" && value.value === false;

function describe(file: SourceFile, name: string, call: CallExpression, count: number): SourceFinding {
  return findingOf({
    rule: "keras-call-without-training",
    layers: [],
    expression: rangeOf({ file }, call),
    verdict: `${name} is trained in inference mode: this call does not say training=True.`,
    evidence:
      `Outside of fit() the default of training is False. In ${counted(count, "such call")} the BN layers ` +
      `normalize with ` +
      "their moving averages, which start at 0 and 1 and are never updated, and dropout is off.",
    next: `Call it as ${name}(…, training=True).`,
  });
}
