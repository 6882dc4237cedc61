/**
 * What `trainable` and `training` do to a pretrained base with BN in it (keras.io, "Transfer learning & fine-tuning"):
 * after `base.trainable = True` its BN layers run in training mode and replace the moving statistics they were trained
 * with, unless the base is called with `training=False`.
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { Block, Statement } from "../../python/statements";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { assignmentsIn, attributesIn, callsIn, dottedName, nodesIn, type AnyNode } from "../../python/walk";
import { pretrainedBases, type PretrainedBase } from "../python/kerasModels";
import { layerLoop, loopHasNorm } from "../python/layerLoops";
import { isLayersOf, isTrainableOf, setsTrainable } from "../python/trainable";
import type { SourceFinding } from "../sourceFinding";
import { kerasUncompiled } from "./kerasUncompiled";

export function kerasFrozenNorm(context: FindingContext): SourceFinding[] {
  const bases = pretrainedBases(context);
  if (bases.size === 0) return [];
  // What no compile() reads changes nothing.
  const idle = kerasUncompiled(context).map(({ range }) => range);
  return unfrozen(context, bases).filter(
    ({ range }) => !idle.some(({ startLine, endLine }) => startLine <= range.startLine && range.endLine <= endLine),
  );
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

function isFrozenFirst({ file }: FindingContext, base: string, before: AnyNode): boolean {
  return [...nodesIn(file.module.body)].some((node) => {
    if (node.from >= before.from) return false;
    if (node.kind === "assign")
      return isConstant(node.value, false) && node.targets.some((target) => isTrainableOf(target, base));
    return node.kind === "for" && isLayersOf(node.iterable, base) && setsLoopVariable(node.body, node.target, false);
  });
}

const setsLoopVariable = (body: Block, target: Expression, wanted: boolean): boolean =>
  body.some((statement) => setsTrainable(statement, target, wanted));

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
