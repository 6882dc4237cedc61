/**
 * A Keras BN layer that evaluation can't reach: `BatchNormalization()(x, training=True)`, the same of a pretrained
 * base, and Keras 1's `mode=2`, whose answers at test time are those of the batch (keras-team/keras#3423). In a graph
 * this was so up to Keras 2: in Keras 3 predict() overrides the argument (measured with Keras 3.15).
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import type { FunctionStatement } from "../../python/statements";
import { callsIn, dottedName, functionsIn, nodesIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { returnedBy, valuesOf } from "../python/assignedModels";
import { fullPath, namesOf } from "../python/constants";
import { functionAround, isInside } from "../python/enclosing";
import { APPLICATION, WITHOUT_NORM } from "../python/kerasModels";
import type { SourceFinding } from "../sourceFinding";

export function kerasBatchStatistics({ file }: FindingContext): SourceFinding[] {
  if (!/\bkeras\b/.test(file.text) || !/BatchNormalization|applications/.test(file.text)) return [];
  return callsIn(file.module.body).flatMap((call) => {
    if (isNorm(file, call)) return hasMode2(call) ? [describe(file, call, "mode=2")] : [];
    if (!saysTraining(call) || isUnderMode(file, call)) return [];
    if (isNormItself(file, call)) return [describe(file, call, "training=True")];
    const base = isBaseInGraph(file, call) ? dottedName(call.callee) : null;
    return base === null ? [] : [describeBase(file, call, base)];
  });
}

const isNorm = (file: SourceFile, { callee }: CallExpression): boolean =>
  /(^|\.)keras\.(\w+\.)*BatchNormalization$/.test(fullPath(callee, namesOf(file).imports) ?? "");

const given = ({ arguments: args }: CallExpression, name: string): Expression | undefined =>
  args.find((argument) => argument.kind === "keyword" && argument.name === name)?.value;

function hasMode2(call: CallExpression): boolean {
  const mode = given(call, "mode");
  return mode?.kind === "number" && mode.value === 2;
}

function saysTraining(call: CallExpression): boolean {
  const training = given(call, "training");
  return training?.kind === "number" ? training.value === 1 : training?.kind === "constant" && training.value === true;
}

/** `BatchNormalization()(x)`, and `self.bn(x)` or `bn(x)` where all that is called so is a BN layer. */
function isNormItself(file: SourceFile, { callee }: CallExpression): boolean {
  if (callee.kind === "call") return isNorm(file, callee) || returnsNorm(file, callee);
  const made = madeUnder(file, callee);
  return made.length > 0 && made.every((value) => value.kind === "call" && isNorm(file, value));
}

/** All that a name gets: in the class for `self.bn`, else in the function around or at the file's own level. */
function madeUnder(file: SourceFile, callee: Expression): Expression[] {
  const name = dottedName(callee);
  return name === null || isMethodOf(file, name) ? [] : valuesOf(file, callee, name);
}

const isMethodOf = (file: SourceFile, name: string): boolean =>
  functionsIn(file.module.body).some((fn) => `self.${fn.name}` === name);

/** `norm()` of `def norm(): return BatchNormalization(momentum=0.9)` */
function returnsNorm(file: SourceFile, { callee }: CallExpression): boolean {
  const name = dottedName(callee);
  const definition = file.module.body.find(
    (one): one is FunctionStatement => one.kind === "function" && one.name === name,
  );
  const returned = definition === undefined ? [] : returnedBy({ file, definition });
  return returned.length > 0 && returned.every((value) => value.kind === "call" && isNorm(file, value));
}

/**
 * `base(inputs, training=True)` of a model of keras.applications, where the input is a graph's: a base that the file
 * freezes, or may freeze, is in inference mode whatever it is told.
 */
function isBaseInGraph(file: SourceFile, { callee, arguments: args }: CallExpression): boolean {
  const made = madeUnder(file, callee);
  const [input] = args;
  return (
    made.length > 0 &&
    made.every((value) => isApplication(file, value)) &&
    input?.kind === "positional" &&
    isOfGraph(file, input.value, MOST_STEPS) &&
    !/\.trainable\s*=(?!\s*True\b)/.test(file.text)
  );
}

function isApplication(file: SourceFile, value: Expression): boolean {
  const path = value.kind === "call" ? fullPath(value.callee, namesOf(file).imports) : null;
  const [, model] = APPLICATION.exec(path ?? "") ?? [];
  return model !== undefined && !WITHOUT_NORM.test(model);
}

const MOST_STEPS = 8;

/** Made by `keras.Input(…)`, or of something that is. */
function isOfGraph(file: SourceFile, value: Expression, steps: number): boolean {
  if (steps === 0) return false;
  const name = dottedName(value);
  if (name !== null) return valuesOf(file, value, name).some((one) => isOfGraph(file, one, steps - 1));
  if (value.kind !== "call") return false;
  if (/(^|\.)keras\.(layers\.)?Input$/.test(fullPath(value.callee, namesOf(file).imports) ?? "")) return true;
  return value.arguments.some((argument) => isOfGraph(file, argument.value, steps - 1));
}

/** The branch, or the function, of training alone. */
function isUnderMode(file: SourceFile, call: CallExpression): boolean {
  const around = functionAround(file, call);
  return (
    /train/i.test(around?.name ?? "") ||
    nodesIn(file.module.body).some(
      (node) =>
        (node.kind === "if" || node.kind === "with") &&
        isInside(call, node) &&
        /train|phase|Tape/.test(file.text.slice(node.from, file.text.indexOf(":", node.from))),
    )
  );
}

/** Generators are sampled with the statistics of the batch on purpose, and Keras 1 shared layers in this mode alone. */
const MEANT = /generator|discriminator|critic|pix2pix|cyclegan|batch stat/i;

/** The layer of a class is called as its method says; in a graph Keras 3 calls it as predict() does. */
const isInGraph = ({ callee }: CallExpression): boolean => dottedName(callee)?.startsWith("self.") !== true;

function describe(file: SourceFile, call: CallExpression, setting: string): SourceFinding {
  const isOld = setting !== "mode=2" && isInGraph(call);
  return findingOf({
    rule: "no-track-running-stats",
    ...(isOld || MEANT.test(file.text) ? { severity: "information" as const } : {}),
    layers: [],
    expression: rangeOf({ file }, call),
    verdict: `With ${setting} this layer normalizes with the batch in evaluation too${isOld ? ", up to Keras 2" : ""}.`,
    evidence:
      `evaluate() and predict() do not change this${isOld ? OLD : ""}: the output for a sample depends on the other ` +
      "samples of its batch, and a batch of 1 has other statistics than a batch of 64. The moving averages are never " +
      "used.",
    next:
      setting === "mode=2"
        ? "Use mode=0, and a layer of its own for each input."
        : "Remove training=True: fit() says it by itself.",
  });
}

const OLD = " before Keras 3, which TensorFlow has from 2.16 on";

const describeBase = (file: SourceFile, call: CallExpression, base: string): SourceFinding =>
  findingOf({
    rule: "no-track-running-stats",
    severity: "information",
    layers: [],
    expression: rangeOf({ file }, call),
    verdict: `With training=True the BN layers of ${base} normalize with the batch in evaluation too, up to Keras 2.`,
    evidence:
      `evaluate() and predict() do not change this${OLD}: the output for a sample depends on the other samples of ` +
      "its batch, and the moving averages that come with the weights are not used.",
    next: "Remove training=True: fit() says it by itself.",
  });
