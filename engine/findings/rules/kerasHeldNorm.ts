/**
 * `base(x, training=False)` in a functional model does not hold BN in Keras 3: `fit()` hands training=True to every
 * layer of
 * the graph, and only `trainable = False` keeps the statistics (measured with Keras 3.15 on TensorFlow).
 */
import type { CallExpression, Expression } from "../../python/expressions";
import { callsIn, dottedName, nodesIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { fullPath } from "../python/constants";
import { classAround, functionAround } from "../python/enclosing";
import { modelsWithNorm } from "../python/kerasModels";
import { importsKerasItself } from "../python/kerasVersion";
import type { SourceFinding } from "../sourceFinding";

export function kerasHeldNorm(context: FindingContext): SourceFinding[] {
  const { file } = context;
  if (!/training\s*=\s*False/.test(file.text) || !/\.fit\s*\(/.test(file.text) || handlesNorms(file.text)) return [];
  const models = modelsWithNorm(context);
  return callsIn(file.module.body)
    .filter((call) => isHeld(call) && isFunctional(context, call))
    .flatMap((call) => {
      const name = heldName(context, call, models);
      return name === null || staysFrozen(context, name) ? [] : [describe(context, call, name)];
    });
}

/** Who asks layers for their class has thought about them. */
const handlesNorms = (text: string): boolean => /isinstance\([^)]*BatchNorm/.test(text);

const isHeld = ({ arguments: args }: CallExpression): boolean =>
  args.some(
    (argument) =>
      argument.kind === "keyword" &&
      argument.name === "training" &&
      argument.value.kind === "constant" &&
      argument.value.value === false,
  );

/** In a function, or at the file's own level, that makes an Input and a Model: its calls build a graph. */
function isFunctional({ file }: FindingContext, call: CallExpression): boolean {
  if (classAround(file, call) !== null) return false;
  const calls = callsIn(functionAround(file, call)?.body ?? file.module.body);
  const names = calls.map(({ callee }) => dottedName(callee) ?? "");
  return names.some((name) => /(^|\.)Input$/.test(name)) && names.some((name) => /(^|\.)Model$/.test(name));
}

/** What is called: a model by its name, or a BN layer where it is made. */
function heldName(context: FindingContext, { callee }: CallExpression, models: ReadonlySet<string>): string | null {
  const name = dottedName(callee);
  if (name !== null) return models.has(name) ? name : null;
  const isNorm =
    callee.kind === "call" && (fullPath(callee.callee, context.names.imports) ?? "").endsWith(".BatchNormalization");
  return isNorm ? "the BN layer" : null;
}

/** `trainable = False` is the last word about it. */
function staysFrozen({ file }: FindingContext, name: string): boolean {
  const said = [...nodesIn(file.module.body)].flatMap((node): boolean[] => {
    if (node.kind !== "assign" || node.value.kind !== "constant") return [];
    const { value } = node.value;
    return node.targets.some((target) => isTrainableOf(target, name)) ? [value === true] : [];
  });
  const loosens = [...nodesIn(file.module.body)].some(
    (node) => node.kind === "for" && file.text.slice(node.iterable.from, node.iterable.to).startsWith(`${name}.layers`),
  );
  return said.at(-1) === false && !loosens;
}

const isTrainableOf = (target: Expression, name: string): boolean => dottedName(target) === `${name}.trainable`;

function describe(context: FindingContext, call: CallExpression, name: string): SourceFinding {
  return findingOf({
    rule: "held-but-updating",
    // In Keras 2 training=False holds.
    severity: importsKerasItself(context.file) ? "warning" : "information",
    layers: [],
    expression: rangeOf(context, call),
    verdict: `training=False does not hold the statistics of ${name} while fit() trains.`,
    evidence:
      "In Keras 3, fit() hands training=True to every layer of a functional model, whatever it was called with. " +
      "BN layers " +
      "that are trainable then normalize with each batch and move their averages, by 1 % a step with the " +
      "default momentum.",
    next:
      "Make the BN layers trainable=False before compile(); training=False holds them in a call() of your " +
      "own only.",
  });
}
