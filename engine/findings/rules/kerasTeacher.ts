/**
 * `teacher(x, training=True)` and `target_actor(s, training=True)` in a training step: a network that is only asked
 * normalizes with the batch and moves its averages.
 */
import type { CallExpression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { callsIn, dottedName } from "../../python/walk";
import { rangeOf } from "../context";
import { findingOf } from "../draft";
import { functionAround } from "../python/enclosing";
import { trainsWeightsOf, trainingTapes } from "../python/gradientTapes";
import { KerasNorms, type Project } from "../python/kerasNorms";
import { isUnitTest } from "../python/unitTest";
import type { SourceFinding } from "../sourceFinding";
import { tokensOf } from "../../script/words";

const TEACHER = /^(teacher|target|ema|mentor|tgt)$/;

export function kerasTeacher(file: SourceFile, project: Project): SourceFinding[] {
  if (!file.text.includes("GradientTape") || isUnitTest(file)) return [];
  const norms = new KerasNorms(project);
  const steps = new Set(trainingTapes(file).map((tape) => functionAround(file, tape)));
  const seen = new Set<string>();
  return callsIn(file.module.body).flatMap((call) => {
    const name = dottedName(call.callee);
    if (name === null || seen.has(name) || !isTeacher(name) || !saysTraining(call)) return [];
    if (!steps.has(functionAround(file, call)) || isTrained(file, name)) return [];
    if (norms.makersOf(file, call.callee) === null) return [];
    seen.add(name);
    return [describe(file, call, name)];
  });
}

const isTeacher = (name: string): boolean =>
  tokensOf(name.split(".").at(-1) ?? "").some((token) => TEACHER.test(token));

const saysTraining = ({ arguments: args }: CallExpression): boolean =>
  args.some(
    (argument) =>
      argument.kind === "keyword" &&
      argument.name === "training" &&
      argument.value.kind === "constant" &&
      argument.value.value === true,
  );

const isTrained = (file: SourceFile, name: string): boolean =>
  trainsWeightsOf(file, name) ||
  callsIn(file.module.body).some(({ callee }) =>
    [`${name}.fit`, `${name}.train_on_batch`].includes(dottedName(callee) ?? ""),
  );

const describe = (file: SourceFile, call: CallExpression, name: string): SourceFinding =>
  findingOf({
    rule: "teacher-in-train-mode",
    layers: [],
    expression: rangeOf({ file }, call),
    verdict: `${name} runs in training mode although it is not trained.`,
    evidence:
      "With training=True its BN layers normalize with the batch, so an output depends on the other samples in the " +
      "batch, and their moving averages move by 1 % per batch at the default momentum. Mean Teacher does this on " +
      "purpose.",
    next: `Call it as ${name}(…, training=False) if an output should not depend on the batch.`,
  });
