/**
 * What `trainable` and `training` do to a pretrained base with BN in it (keras.io, "Transfer learning & fine-tuning").
 *
 * Unfreezing: after `base.trainable = True` its BN layers run in training mode and replace the moving statistics they
 * were trained with, unless the base is called with `training=False`. Compiling: a change of `trainable` counts from
 * the next `compile()` on, so `fit()` without one trains what was trainable before.
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { Block, Statement } from "../../python/statements";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import {
  assignmentsIn,
  attributesIn,
  callsIn,
  dottedName,
  functionsIn,
  nodesIn,
  type AnyNode,
} from "../../python/walk";
import { contains, modelsWithNorm, pretrainedBases, type PretrainedBase } from "../python/kerasModels";
import { layerLoop, loopHasNorm } from "../python/layerLoops";
import type { SourceFinding } from "../sourceFinding";

export function kerasFrozenNorm(context: FindingContext): SourceFinding[] {
  const bases = pretrainedBases(context);
  return [
    ...(bases.size === 0 ? [] : unfrozen(context, bases)),
    ...uncompiled(context, new Set([...bases.keys(), ...modelsWithNorm(context)])),
  ];
}

function unfrozen(context: FindingContext, bases: ReadonlyMap<string, PretrainedBase>): SourceFinding[] {
  const { file } = context;
  if (handlesNorms(file.text)) return [];
  return [...bases.values()].flatMap((pretrained) => {
    const { name: base } = pretrained;
    const around = modelsAround(context, base);
    const statement = [...nodesIn(file.module.body)].flatMap((node) =>
      unfreezing(context, node, pretrained, around),
    )[0];
    const uses = usesOf(context, pretrained);
    // A base that is frozen nowhere is trained from the start, with all that follows.
    if (
      statement === undefined ||
      !isFrozenFirst(context, base, statement) ||
      uses.length === 0 ||
      !uses.every((use) => use.keepsTraining)
    )
      return [];
    const [use] = uses;
    return use === undefined ? [] : [describeUnfrozen(context, statement, pretrained, use.isPart)];
  });
}

/** Who handles BN layers by their class has thought about them. */
export const handlesNorms = (text: string): boolean =>
  /isinstance\([^)]*BatchNorm|["']bn["']|BatchNormalization["']/.test(text);

export const describeUnfrozen = (
  context: FindingContext,
  statement: Statement,
  { name: base, model }: PretrainedBase,
  isPart: boolean,
): SourceFinding =>
  findingOf({
    rule: "keras-frozen-bn",
    layers: [],
    expression: rangeOf(context, statement),
    verdict:
      `${base} is unfrozen here${isPart ? "" : " and called without training=False"}, so its BN layers ` +
      "replace their pretrained statistics.",
    evidence:
      `${model} comes with moving means and variances from its pretraining. With trainable=True its BN ` +
      "layers normalize with each small batch and move these statistics towards it. With " +
      "trainable=False they kept them.",
    next:
      `Make the BN layers of ${base} trainable=False again before compile(): for layer in ${base}.layers, where ` +
      "isinstance(layer, keras.layers.BatchNormalization).",
  });

/** Of a base that is cut off, so many layers are left at least, with BN among them. */
const FEWEST = 8;

/** `base.trainable = True`, the same for layers of it in a loop, or for a model that the base is a part of. */
function unfreezing(
  { file, names }: FindingContext,
  node: AnyNode,
  base: PretrainedBase,
  around: ReadonlySet<string>,
): Statement[] {
  const isMeant = (target: Expression): boolean => [base.name, ...around].some((name) => isTrainableOf(target, name));
  if (node.kind === "assign") return isConstant(node.value, true) && node.targets.some(isMeant) ? [node] : [];
  if (node.kind !== "for" || node.target.kind !== "name") return [];
  const loop = layerLoop(node.iterable, names.numbers);
  if (loop === null || !(loop.model === base.name || around.has(loop.model))) return [];
  const isOwn = loop.model === base.name;
  // A model that goes on from a layer in the middle has only the layers before it.
  const isCut = !isOwn && attributesIn(file.module.body).some(({ object }) => isLayerOf(object, base.name));
  const hasNorm = loopHasNorm(loop, isCut ? FEWEST : base.lastNorm, isOwn ? base.afterNorms : null);
  // Who takes layers of the base itself means to train some of it.
  if (hasNorm === false || (hasNorm === null && !isOwn)) return [];
  const { name } = node.target;
  return node.body.filter(
    (statement) =>
      statement.kind === "assign" &&
      isConstant(statement.value, true) &&
      statement.targets.some((target) => isTrainableOf(target, name)),
  );
}

/** Models whose layers are the base's and more: `Model(inputs=base.input, outputs=head(base.output))`. */
function modelsAround({ file }: FindingContext, base: string): Set<string> {
  return new Set(
    assignmentsIn(file.module.body).flatMap(({ targets, value }) =>
      value.kind === "call" &&
      /(^|\.)Model$/.test(dottedName(value.callee) ?? "") &&
      attributesIn(value).some((part) => /^inputs?$/.test(part.name) && dottedName(part.object) === base)
        ? targets.flatMap((target) => dottedName(target) ?? [])
        : [],
    ),
  );
}

function isConstant(value: Expression, wanted: boolean): boolean {
  return value.kind === "constant" && value.value === wanted;
}

const isTrainableOf = (target: Expression, base: string): boolean =>
  target.kind === "attribute" && target.name === "trainable" && dottedName(target.object) === base;

function isFrozenFirst({ file }: FindingContext, base: string, before: AnyNode): boolean {
  return [...nodesIn(file.module.body)].some((node) => {
    if (node.from >= before.from) return false;
    if (node.kind === "assign")
      return isConstant(node.value, false) && node.targets.some((target) => isTrainableOf(target, base));
    return node.kind === "for" && isLayersOf(node.iterable, base) && setsLoopVariable(node.body, node.target, false);
  });
}

function isLayersOf(iterable: Expression, base: string): boolean {
  const object = iterable.kind === "subscript" ? iterable.object : iterable;
  return dottedName(object) === `${base}.layers`;
}

const setsLoopVariable = (body: Block, target: Expression, wanted: boolean): boolean =>
  body.some((statement) => setsTrainable(statement, target, wanted));

/** `layer.trainable = True`, of a loop's variable. */
export const setsTrainable = (statement: Statement, variable: Expression, wanted: boolean): boolean =>
  variable.kind === "name" &&
  statement.kind === "assign" &&
  isConstant(statement.value, wanted) &&
  statement.targets.some((assigned) => isTrainableOf(assigned, variable.name));

interface Use {
  /** Its layers are those of a larger model: nothing is called, and fit() says how they run. */
  readonly isPart: boolean;
  readonly keepsTraining: boolean;
}

/** `base(x)`, `base` among the layers of a Sequential, and `base.output`, from which a larger model goes on. */
function usesOf({ file }: FindingContext, { name: base, made }: PretrainedBase): Use[] {
  const called = callsIn(file.module.body).flatMap((call): Use[] => {
    const name = dottedName(call.callee);
    if (name === base && call !== made)
      return [
        { isPart: false, keepsTraining: call.arguments.length === 1 && call.arguments[0]?.kind === "positional" },
      ];
    const isSequential = name !== null && /(^|\.)(Sequential|add)$/.test(name);
    return isSequential && holds(call, base) ? [{ isPart: false, keepsTraining: true }] : [];
  });
  const isContinued = attributesIn(file.module.body).some(
    ({ name, object }) => /^outputs?$/.test(name) && (dottedName(object) === base || isLayerOf(object, base)),
  );
  return isContinued ? [...called, { isPart: true, keepsTraining: true }] : called;
}

/** `base.layers[-2]`, `base.get_layer("mixed7")` */
const isLayerOf = (value: Expression, base: string): boolean =>
  (value.kind === "subscript" && dottedName(value.object) === `${base}.layers`) ||
  (value.kind === "call" && dottedName(value.callee) === `${base}.get_layer`);

function holds(call: CallExpression, base: string): boolean {
  return call.arguments.some(
    ({ value }) =>
      dottedName(value) === base ||
      (value.kind === "sequence" && value.elements.some((element) => dottedName(element) === base)),
  );
}

/**
 * `compile()`, a change of `trainable`, and `fit()` with no `compile()` in between, one after the other in one block.
 */
function uncompiled(context: FindingContext, bases: ReadonlySet<string>): SourceFinding[] {
  const { body } = context.file.module;
  return [body, ...functionsIn(body).map((fn) => fn.body)].flatMap((block) => uncompiledIn(context, block, bases));
}

function uncompiledIn(context: FindingContext, body: Block, bases: ReadonlySet<string>): SourceFinding[] {
  const changes = body.flatMap((statement, index) => {
    const base = [...bases].find((name) => changesTrainable(statement, name));
    return base === undefined ? [] : [{ statement, index, base }];
  });
  return changes.flatMap(({ statement, index, base }) => {
    const next = body
      .slice(index + 1)
      .find((later) => methodsIn(later).some(({ name }) => name === "compile" || name === "fit"));
    const fit =
      next === undefined ? undefined : methodsIn(next).find(({ name }) => name === "compile" || name === "fit");
    const isCompiled = body
      .slice(0, index)
      .some((earlier) => methodsIn(earlier).some(({ name, model }) => name === "compile" && model === fit?.model));
    const isOnlyChange =
      changes.filter(
        (change) => change.base === base && change.index > index && change.index < body.indexOf(next ?? statement),
      ).length === 0;
    if (fit?.name !== "fit" || !isCompiled || !isOnlyChange || !concerns(context, fit.model, base)) return [];
    return [
      findingOf({
        rule: "keras-frozen-bn",
        layers: [],
        expression: rangeOf(context, statement),
        verdict:
          `${base}.trainable changes here, but ${fit.model}.fit() runs without a new compile(), so the ` +
          "change has no effect.",
        evidence:
          "Keras reads trainable, and whether BN layers are frozen, when compile() is called. There is no " +
          `such call between this line and fit() on line ${rangeOf(context, next ?? statement).startLine}.`,
        next: `Call ${fit.model}.compile(…) after changing trainable, with a lower learning rate.`,
      }),
    ];
  });
}

/** A model is trained that is the base, or has it in it. */
const concerns = (context: FindingContext, model: string, base: string): boolean =>
  model === base || contains(context, model, base) || contains(context, base, model);

function changesTrainable(statement: Statement, base: string): boolean {
  if (statement.kind === "assign") return statement.targets.some((target) => isTrainableOf(target, base));
  return (
    statement.kind === "for" &&
    isLayersOf(statement.iterable, base) &&
    (setsLoopVariable(statement.body, statement.target, true) ||
      setsLoopVariable(statement.body, statement.target, false))
  );
}

function methodsIn(statement: Statement): { name: string; model: string }[] {
  if (statement.kind === "function" || statement.kind === "class") return [];
  return callsIn(statement).flatMap(({ callee }) => {
    const model = callee.kind === "attribute" ? dottedName(callee.object) : null;
    return callee.kind === "attribute" && model !== null ? [{ name: callee.name, model }] : [];
  });
}
