/**
 * A pretrained base that one function freezes, and of which another unfreezes layers that it is given as a parameter:
 * `def unfreeze(model): for layer in model.layers[-20:]: layer.trainable = True`. Where the file has one base and one
 * model around it, the parameter is one of both.
 */
import type { Statement, FunctionStatement } from "../../python/statements";
import type { Expression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { attributesIn, callsIn, dottedName, functionsIn, nodesIn } from "../../python/walk";
import type { FindingContext } from "../context";
import { fullPath } from "../python/constants";
import { functionAround } from "../python/enclosing";
import { isKerasModel, soleApplication, type PretrainedBase } from "../python/kerasModels";
import { layerLoop, loopHasNorm } from "../python/layerLoops";
import { setsTrainable } from "../python/trainable";
import type { SourceFinding } from "../sourceFinding";
import { describeUnfrozen, handlesNorms } from "./kerasFrozenNorm";

export function kerasUnfrozenLater(context: FindingContext): SourceFinding[] {
  const { file } = context;
  if (!/\.fit(_generator)?\s*\(/.test(file.text) || handlesNorms(file.text)) return [];
  const base = soleApplication(context);
  if (base === null || !isWholeIn(context)) return [];
  const found = functionsIn(file.module.body).flatMap((fn) => {
    const unfreezing = fn.body.flatMap((statement) => unfreezes(context, fn, statement, base))[0];
    return unfreezing !== undefined && isFrozenElsewhere(file, fn) ? [unfreezing] : [];
  });
  return found.slice(0, 1).map((statement) => describeUnfrozen(context, statement, base, true));
}

/** One model goes on from the end of the base, and the file makes no other. */
function isWholeIn({ file, names }: FindingContext): boolean {
  const models = callsIn(file.module.body).filter(({ callee }) => isKerasModel(callee, names.imports));
  const isCut = callsIn(file.module.body).some(
    ({ callee }) => callee.kind === "attribute" && callee.name === "get_layer",
  );
  const goesOn = attributesIn(file.module.body).some(
    ({ name, object }) => /^outputs?$/.test(name) && object.kind !== "subscript",
  );
  return models.length === 1 && goesOn && !isCut;
}

/** `for layer in model.layers[249:]: layer.trainable = True`, of a parameter. */
function unfreezes(
  { file, names }: FindingContext,
  fn: FunctionStatement,
  statement: Statement,
  base: PretrainedBase,
): Statement[] {
  if (statement.kind !== "for") return [];
  const loop = layerLoop(statement.iterable, names.numbers);
  if (loop === null || !fn.parameters.some(({ name }) => name === loop.model)) return [];
  // From the end, the head's layers come first: no more than the file makes.
  const after = loop.from !== null && loop.from < 0 ? base.afterNorms + layersMade(file, names.imports) : null;
  const hasNorm = loop.to === Infinity && loopHasNorm(loop, base.lastNorm, after) === true;
  return hasNorm ? statement.body.filter((one) => setsTrainable(one, statement.target, true)) : [];
}

const layersMade = (file: SourceFile, imports: ReadonlyMap<string, string>): number =>
  callsIn(file.module.body).filter(({ callee }) => /\.layers\.(\w+\.)*[A-Z]\w*$/.test(fullPath(callee, imports) ?? ""))
    .length;

/** Another function, or the file itself, freezes all layers of something. */
const isFrozenElsewhere = (file: SourceFile, fn: FunctionStatement): boolean =>
  nodesIn(file.module.body).some((node) => {
    if (functionAround(file, node) === fn) return false;
    if (node.kind === "assign") return isFalse(node.value) && node.targets.some(isTrainable) && !isInLoop(file, node);
    return (
      node.kind === "for" &&
      dottedName(node.iterable)?.endsWith(".layers") === true &&
      node.body.some((one) => setsTrainable(one, node.target, false))
    );
  });

const isFalse = (value: Expression): boolean => value.kind === "constant" && value.value === false;

const isTrainable = (target: Expression): boolean => target.kind === "attribute" && target.name === "trainable";

const isInLoop = (file: SourceFile, statement: Statement): boolean =>
  nodesIn(file.module.body).some((node) => node.kind === "for" && node.body.includes(statement));
