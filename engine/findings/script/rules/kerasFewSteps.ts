/**
 * Too few steps for Keras's momentum of 0.99: after n steps the moving averages still have the weight 0.99^n of the
 * initial 0 and 1 (keras-team/keras#7265). A step is one of `fit()`, or a call with `training=True`.
 */
import { thousands } from "../../../protocol/numberText";
import { findingOf } from "../../draft";
import { short } from "../../wording";
import type { SourceFinding } from "../../sourceFinding";
import { grouped, rangeAt, siteKey, type ScriptContext } from "../scriptContext";
import { runsInTape } from "../../python/gradientTapes";
import { numberOf } from "../../../script/dataSize";
import { isKerasEvaluation, isKerasTraining, isModelCall } from "../../../script/kerasUses";
import { isLiteral, timesRun } from "../../../script/rounds";
import { memberOf } from "../../../script/tracedClasses";
import type { TracedCall } from "../../../script/tracing";
import {
  argument,
  type Args,
  type Constant,
  type Frame,
  type ObjectValue,
  type TracedValue,
} from "../../../script/tracedValues";

const MOST_LEFT = 0.05;
const LOADS = /load_weights|load_model|weights\s*=|\.restore\(/;

export function kerasFewSteps(context: ScriptContext): SourceFinding[] {
  const { file, trace } = context;
  if (!trace.isComplete || LOADS.test(file.text)) return [];
  const trainings = trace.calls.filter(isKerasTraining);
  const evaluations = trace.calls.filter((use) => isKerasEvaluation(use) || isEvaluatedToo(use));
  const young = trace.objects.flatMap((norm) => {
    const keep = /keras.*\.BatchNormalization$/.test(norm.type) ? keepOf(norm) : null;
    if (keep === null || !evaluations.some(({ result }) => hasLayer(result, norm) !== false)) return [];
    const steps = stepsOf(ofModel(trainings, norm));
    return steps !== null && steps > 0 && keep ** steps > MOST_LEFT ? [{ norm, keep, steps }] : [];
  });
  const [first] = young;
  return first === undefined ? [] : describe(context, first, young.length);
}

/** `fit(…, validation_data=…)`, and a call with `training=False`. */
const isEvaluatedToo = (use: TracedCall): boolean =>
  isModelCall(use)
    ? trainingOf(use) === false
    : ["validation_data", "validation_split"].some((name) => use.args.keyword.has(name));

/** Keras's momentum is the weight of what was there; null where it is not known. */
function keepOf({ args }: ObjectValue): number | null {
  const given = argument(args, "momentum", 1);
  if (given === null) return args.isComplete ? 0.99 : null;
  return given.kind === "constant" ? numberOf(given) : null;
}

/** Trainings of the models that may have a layer: of all, where no model is known to have it. */
function ofModel(trainings: readonly TracedCall[], norm: ObjectValue): readonly TracedCall[] {
  const isKnown = trainings.some(({ result }) => hasLayer(result, norm) === true);
  return isKnown ? trainings.filter(({ result }) => hasLayer(result, norm) !== false) : trainings;
}

/** Whether a model, or a layer around another, has a layer; null where what it consists of is not listed. */
function hasLayer(model: TracedValue, norm: ObjectValue): boolean | null {
  if (model === norm) return true;
  if (model.kind === "constant") return false;
  if (model.kind !== "object" || model.cls !== null || /\.(Model|Functional)$/.test(model.type)) return null;
  const inner = argument(model.args, "layers", 0);
  const isList = inner?.kind === "object" && inner.type === "list";
  if (model.type.endsWith(".Sequential") && !isList) return null;
  const parts = isList ? [...inner.fields.values()] : inner === null ? [] : [inner];
  const answers = parts.map((part) => hasLayer(part, norm));
  return answers.includes(true) || (answers.includes(null) ? null : false);
}

/** Updates of the moving averages; null where one of the trainings can't be counted. */
function stepsOf(trainings: readonly TracedCall[]): number | null {
  const different = grouped(trainings, wayTo).flatMap((same) => same.slice(0, 1));
  return different.reduce<number | null>((sum, training) => {
    const steps = stepsIn(training);
    return sum === null || steps === null ? null : sum + steps;
  }, 0);
}

function stepsIn(training: TracedCall): number | null {
  const { path, args, place, result } = training;
  const times = place.root.name === null && place.frames.every(isCalledOnce) ? timesRun(place) : null;
  const isOwnStep = result.kind === "object" && result.cls !== null && memberOf(result.cls, "train_step") !== null;
  if (times === null || isOwnStep) return null;
  if (isModelCall(training)) {
    const mode = trainingOf(training);
    // Outside of a tape the call may put a layer into a graph, which updates nothing.
    if (mode === true) return runsInTape(place.site.file, place.site) ? times : null;
    return mode === false ? 0 : null;
  }
  const steps = path === "train_on_batch" ? 1 : stepsOfFit(args);
  return steps === null ? null : times * steps;
}

/** A function that is handed over may be called any number of times. */
function isCalledOnce({ node, call }: Frame): boolean {
  if (call === null || node?.kind !== "function") return false;
  const callee = /^[\w.]+/.exec(call.file.text.slice(call.from, call.to))?.[0] ?? "";
  return /(^|\.)app\.run$/.test(callee) || callee.split(".").at(-1) === node.name || node.name.startsWith("__");
}

/** The same call on the same way: of a literal list each round counts by itself. */
function wayTo({ place: { site, frames, loops } }: TracedCall): string {
  const calls = frames.map(({ call }) => (call === null ? "" : siteKey(call)));
  const rounds = loops.map(
    ({ loop, iteration }) => `${siteKey(loop.site)} ${isLiteral(loop.iterable) ? iteration : 0}`,
  );
  return [siteKey(site), ...calls, ...rounds].join("\n");
}

function trainingOf({ args }: TracedCall): Constant | undefined {
  const given = args.keyword.get("training");
  return given?.kind === "constant" ? given.value : undefined;
}

/** `fit(x, y, batch_size=32, epochs=1)`; null where the number of samples or batches is not known. */
function stepsOfFit(args: Args): number | null {
  const epochs = args.keyword.has("epochs") || args.positional.length > 3 ? numberOf(argument(args, "epochs", 3)) : 1;
  const perEpoch = numberOf(args.keyword.get("steps_per_epoch"));
  if (epochs === null || !args.isComplete) return null;
  if (perEpoch !== null) return epochs * perEpoch;
  const [data] = args.positional;
  const batches = data?.kind === "object" ? (data.facts.elements ?? null) : null;
  if (batches !== null) return epochs * batches;
  const isSized = args.keyword.has("batch_size") || args.positional.length > 2;
  const batch = isSized ? numberOf(argument(args, "batch_size", 2)) : 32;
  const rows = data?.kind === "tensor" ? data.rows : null;
  const split = numberOf(args.keyword.get("validation_split")) ?? 0;
  return rows === null || batch === null || batch < 1 ? null : epochs * Math.ceil((rows * (1 - split)) / batch);
}

function describe(
  context: ScriptContext,
  { norm, keep, steps }: { readonly norm: ObjectValue; readonly keep: number; readonly steps: number },
  count: number,
): SourceFinding[] {
  const range = rangeAt(context, { site: norm.site, frames: [] });
  if (range === null) return [];
  const needed = Math.ceil(Math.log(0.01) / Math.log(keep));
  return [
    findingOf({
      rule: "statistics-too-young",
      severity: "warning",
      layers: [],
      expression: range,
      verdict: "The model is evaluated while its moving averages still contain the initial 0 and 1.",
      evidence:
        `The script trains for ${thousands(steps)} steps, and momentum ${short(keep)} keeps ` +
        `${short(100 * keep ** steps)} % of the initial ` +
        `values${count > 1 ? `, here and wherever else BN is made` : ""}. ` +
        `${thousands(needed)} steps leave 1 %.`,
      next: "Pass momentum=0.9 to the BN layers, or train for more steps.",
    }),
  ];
}
