/**
 * A Keras BN layer that evaluation can't reach: `BatchNormalization()(x, training=True)`, and Keras 1's `mode=2`, whose
 * answers at test time are those of the batch (keras-team/keras#3423).
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { assignmentsIn, callsIn, dottedName, nodesIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { fullPath, namesOf } from "../python/constants";
import { classAround, functionAround, isInside } from "../python/enclosing";
import type { SourceFinding } from "../sourceFinding";

export function kerasBatchStatistics({ file }: FindingContext): SourceFinding[] {
  if (!/\bkeras\b/.test(file.text) || !file.text.includes("BatchNormalization")) return [];
  return callsIn(file.module.body).flatMap((call) => {
    if (isNorm(file, call)) return hasMode2(call) ? [describe(file, call, "mode=2")] : [];
    return saysTraining(call) && isNormItself(file, call) && !isUnderMode(file, call)
      ? [describe(file, call, "training=True")]
      : [];
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
  return training?.kind === "constant" && training.value === true;
}

/** `BatchNormalization()(x)`, and `self.bn(x)` or `bn(x)` where all that is called so is a BN layer. */
function isNormItself(file: SourceFile, { callee }: CallExpression): boolean {
  if (callee.kind === "call") return isNorm(file, callee);
  const name = dottedName(callee);
  if (name === null) return false;
  const isOwn = name.startsWith("self.");
  const around = isOwn ? classAround(file, callee) : (functionAround(file, callee)?.body ?? file.module.body);
  const made = assignmentsIn(around ?? []).filter(({ targets }) =>
    targets.some((target) => dottedName(target) === name),
  );
  return made.length > 0 && made.every(({ value }) => value.kind === "call" && isNorm(file, value));
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
const MEANT = /generator|discriminator|critic|pix2pix|batch stat/i;

const describe = (file: SourceFile, call: CallExpression, setting: string): SourceFinding =>
  findingOf({
    rule: "no-track-running-stats",
    ...(MEANT.test(file.text) ? { severity: "information" as const } : {}),
    layers: [],
    expression: rangeOf({ file }, call),
    verdict: `With ${setting} this layer normalizes with the batch in evaluation too.`,
    evidence:
      "evaluate() and predict() do not change this: the output for a sample depends on the other samples of its " +
      "batch, and a batch of 1 has other statistics than a batch of 64. The moving averages are never used.",
    next:
      setting === "mode=2"
        ? "Use mode=0, and a layer of its own for each input."
        : "Remove training=True: fit() says it by itself.",
  });
