/** Validation in train mode: every measurement uses the statistics of its batch, and changes the running statistics. */
import type { SourceRange } from "../../../protocol/modelGraph";
import { findingOf } from "../../draft";
import { isUnitTest } from "../../python/unitTest";
import type { SourceFinding } from "../../sourceFinding";
import {
  functionOf,
  grouped,
  headOf,
  isManaged,
  lineText,
  nameOf,
  rangeAt,
  siteKey,
  trainedModules,
  usesBatchStatistics,
  type ScriptContext,
} from "../scriptContext";
import { isAskedForData } from "../askedForData";
import { evaluationOf, isActing, isInference, isSampling, trainCallOf } from "../scriptEvaluation";
import { isPretrained } from "../pretrained";
import type { Forward, ObjectValue, Site } from "../../../script/tracedValues";

export function missingEval(context: ScriptContext): SourceFinding[] {
  if (isUnitTest(context.file)) return [];
  const trained = trainedModules(context);
  const passes = context.trace.forwards.filter(
    (forward) => !forward.isInner && forward.training === null && !isManaged(forward.module),
  );
  const found = grouped(passes, ({ site, module }) => `${siteKey(site)} ${module.id}`).flatMap((visits) => {
    const [first] = visits;
    if (first === undefined || !visits.every(usesBatchStatistics)) return [];
    const { module } = first;
    const isOfUse = trained.has(module) || context.trace.loaded.has(module) || isPretrained(module);
    const ownVisits = visits.filter((visit) => visit.root === module.root);
    const measured = ownVisits.filter((visit) => isMeasured(context, visit) || isSampling(context, visit));
    const evaluated = measured.length > 0 ? measured : ownVisits.filter((visit) => isAsked(context, visit));
    if (evaluated.length === 0 || !isOfUse || !evaluated.some(({ hasNorm }) => hasNorm)) return [];
    return [{ module, evaluated }];
  });
  return grouped(found, ({ evaluated }) => placeKey(context, evaluated)).flatMap(([first]) =>
    first === undefined ? [] : describe(context, first.module, first.evaluated),
  );
}

const isMeasured = (context: ScriptContext, pass: Forward): boolean =>
  evaluationOf(pass) !== null || isInference(context, pass);

const isAsked = (context: ScriptContext, pass: Forward): boolean =>
  isAskedForData(context, pass) || isActing(context, pass);

/** Networks in a function that does nothing but evaluate are one finding, and so are the passes of one network. */
function placeKey(context: ScriptContext, evaluated: readonly Forward[]): string {
  const [first] = evaluated;
  if (first === undefined) return "";
  const fn = evaluatingFunction(context, first);
  if (fn !== null) return `${fn.file.path}:${fn.node.from}`;
  const around = functionOf(first)?.node.from ?? first.loops.at(-1)?.loop.site.from ?? first.site.from;
  return `${first.site.file.path}:${around} ${first.module.id}`;
}

/** The function of a pass, when evaluating is all it does. */
function evaluatingFunction(context: ScriptContext, forward: Forward): ReturnType<typeof functionOf> {
  const fn = functionOf(forward);
  const trainsToo = context.trace.forwards.some(
    (other) => other.training !== null && other.frames.some(({ node }) => node === fn?.node),
  );
  return fn === null || trainsToo || fn.file !== context.file ? null : fn;
}

function describe(context: ScriptContext, module: ObjectValue, evaluated: readonly Forward[]): SourceFinding[] {
  const [first] = evaluated;
  if (first === undefined) return [];
  const range = pointAt(context, first);
  const expression = rangeAt(context, first);
  if (range === null || expression === null) return [];
  const calls = [
    ...new Set(evaluated.flatMap(({ frames }) => frames.at(-1)?.call ?? []).map((call) => lineText(context, call))),
  ];
  const name = nameOf(module);
  const where = functionOf(first) === null ? "here" : `in ${functionOf(first)?.node.name ?? ""}`;
  const looked =
    calls.length === 0 ? "" : ` The calls that lead there (${calls.join(", ")}) do not set eval mode either.`;
  return [
    findingOf({
      rule: "missing-eval",
      // Some generators are sampled with the statistics of the batch on purpose, and some answers are for training.
      severity: isMeasured(context, first) ? "warning" : "information",
      layers: [],
      expression: range,
      range,
      verdict: `${name} is evaluated ${where} in train mode.`,
      evidence:
        `On ${lineText(context, first.site)} its BN layers normalize with the mean and variance of each ` +
        `batch${first.noGrad ? ", also under no_grad," : ""} and move the running statistics by 10 % per ` +
        `batch, unless another momentum is set.${looked}`,
      next:
        trainCallOf(first) === null
          ? `Call ${name}.eval() before the evaluation, and ${name}.train() before training continues.`
          : `Call ${name}.eval() here instead of train(). Losses that need train mode can be a method of their own.`,
    }),
  ];
}

/** The function, when evaluating is all it does; the pass itself in a longer one. */
function pointAt(context: ScriptContext, forward: Forward): SourceRange | null {
  const trainCall = trainCallOf(forward);
  if (trainCall !== null) return rangeAt(context, { site: trainCall, frames: forward.frames });
  const fn = evaluatingFunction(context, forward);
  if (fn === null) return rangeAt(context, forward);
  const site: Site = { file: fn.file, ...headOf(fn.node, fn.file) };
  return rangeAt(context, { site, frames: forward.frames });
}
