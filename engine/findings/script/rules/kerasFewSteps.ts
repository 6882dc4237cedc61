/**
 * Too few steps for Keras's momentum of 0.99: after n steps the moving averages still have the weight 0.99^n of the
 * initial
 * 0 and 1 (keras-team/keras#7265).
 */
import { thousands } from "../../../protocol/numberText";
import { findingOf } from "../../draft";
import { short } from "../../wording";
import type { SourceFinding } from "../../sourceFinding";
import { rangeAt, type ScriptContext } from "../scriptContext";
import { numberOf } from "../../../script/dataSize";
import { argument, type Args, type ObjectValue } from "../../../script/tracedValues";

const MOST_LEFT = 0.05;

export function kerasFewSteps(context: ScriptContext): SourceFinding[] {
  const { file, trace } = context;
  const fits = trace.calls.filter(({ path }) => path === "fit");
  const isEvaluated = /validation_data|validation_split|\.evaluate\s*\(|\.predict\s*\(/.test(file.text);
  if (fits.length === 0 || !isEvaluated || !trace.isComplete || /load_weights|load_model|weights\s*=/.test(file.text))
    return [];
  const steps = fits.map(({ args }) => stepsOf(args));
  const total = steps.reduce<number | null>((sum, count) => (sum === null || count === null ? null : sum + count), 0);
  const norms = trace.objects.filter(({ type }) => /keras.*\.BatchNormalization$/.test(type));
  if (total === null) return [];
  const young = norms.flatMap((norm) => {
    const keep = keepOf(norm);
    return keep !== null && keep ** total > MOST_LEFT ? [{ norm, keep }] : [];
  });
  const [first] = young;
  return first === undefined ? [] : describe(context, first, total, young.length);
}

/** Keras's momentum is the weight of what was there; null where it is not known. */
function keepOf({ args }: ObjectValue): number | null {
  const given = argument(args, "momentum", 1);
  if (given === null) return args.isComplete ? 0.99 : null;
  return given.kind === "constant" ? numberOf(given) : null;
}

/** `fit(x, y, batch_size=32, epochs=1)`; null where the number of samples is not known. */
function stepsOf(args: Args): number | null {
  const epochs = args.keyword.has("epochs") || args.positional.length > 3 ? numberOf(argument(args, "epochs", 3)) : 1;
  const perEpoch = numberOf(args.keyword.get("steps_per_epoch"));
  if (epochs === null || !args.isComplete) return null;
  if (perEpoch !== null) return epochs * perEpoch;
  const [data] = args.positional;
  const isSized = args.keyword.has("batch_size") || args.positional.length > 2;
  const batch = isSized ? numberOf(argument(args, "batch_size", 2)) : 32;
  const rows = data?.kind === "tensor" ? data.rows : null;
  const split = numberOf(args.keyword.get("validation_split")) ?? 0;
  return rows === null || batch === null || batch < 1 ? null : epochs * Math.ceil((rows * (1 - split)) / batch);
}

function describe(
  context: ScriptContext,
  { norm, keep }: { readonly norm: ObjectValue; readonly keep: number },
  steps: number,
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
