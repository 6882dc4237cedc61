/** Batch statistics of so few values that they are mostly noise. */
import type { RunFinding, Severity } from "../../protocol/finding";
import { counted, twoDigits } from "../../protocol/numberText";
import { findingOf, namesOf, passesText, verb, worstOf } from "./findingParts";
import { type LayerFacts, newestWith, type RunFacts } from "./runFacts";

/** The batch mean of 4 values is off by 0.5 σ, and the variance by 80 %. */
const FEW = 4;
/** Two values are always +1 and −1 once they are normalized. */
const TOO_FEW = 2;
/** Batches of one or two images have many positions, but all from the same scene. */
const FEW_IMAGES = 2;

interface Few {
  readonly facts: LayerFacts;
  readonly values: number;
  readonly step: number;
}

export function fewSamplesPerChannel({ layers }: RunFacts): RunFinding[] {
  const few = layers.flatMap(fewIn);
  const worst = worstOf(few, ({ values }) => -values);
  if (!worst) return fewImages(layers);
  const found = few.map(({ facts }) => facts);
  const severity: Severity = worst.values <= TOO_FEW ? "error" : "warning";
  const passes = newestWith(worst.facts, (standing) => standing.passes)?.passes ?? null;
  const several =
    passes !== null && passes > 1
      ? ` A step has ${passesText(passes)}, but their batches are not one: each is normalized by itself.`
      : "";
  return [
    findingOf({
      rule: "few-samples-per-channel",
      severity,
      layers: found,
      step: worst.step,
      verdict:
        `${namesOf(found)} ${verb(found, "takes its", "take their")} batch statistics over only ` +
        `${counted(worst.values, "value")} per channel.`,
      evidence:
        `With ${counted(worst.values, "value")} in ${worst.facts.layer.name}, chance moves the batch mean by ` +
        `${twoDigits(1 / Math.sqrt(worst.values))} σ from pass to pass.${several}`,
      next:
        "Give each pass more samples, or use GroupNorm or SyncBatchNorm here. Accumulating " +
        "gradients does not help.",
    }),
  ];
}

/**
 * The most that any later standing had: the last batch of an epoch is smaller than the usual one, and standings are
 * often taken right after it.
 */
function fewIn(facts: LayerFacts): Few[] {
  const { norm, outputShape } = facts.layer;
  const isVector = outputShape?.length === 1;
  const sizes = facts.standings.map(({ step, samplesPerPass, batch }) => ({
    step,
    values: samplesPerPass ?? (isVector ? batch : null),
  }));
  const known = sizes.filter((size): size is { step: number; values: number } => size.values !== null);
  const [first] = known;
  if (!first) return [];
  const later = known.slice(Math.floor(known.length / 2)).map(({ values }) => values);
  const values = Math.max(...later, norm.samplesPerChannel ?? 0);
  return values >= 1 && values <= FEW ? [{ facts, values, step: first.step }] : [];
}

function fewImages(layers: readonly LayerFacts[]): RunFinding[] {
  const found = layers.filter(({ standings }) => {
    const known = standings.filter(({ batch, samplesPerPass }) => batch !== null && samplesPerPass !== null);
    return known.length > 0 && known.every(({ batch }) => (batch ?? 0) <= FEW_IMAGES);
  });
  const [first] = found;
  const standing = first?.standings.find(({ batch, samplesPerPass }) => batch !== null && samplesPerPass !== null);
  if (!first || !standing) return [];
  return [
    findingOf({
      rule: "few-samples-per-channel",
      severity: "information",
      layers: found,
      step: standing.step,
      verdict: `${namesOf(found)} ${verb(found, "takes its", "take their")} batch statistics over very few samples.`,
      evidence:
        `A forward pass has ${counted(standing.batch ?? 0, "sample")}, with ` +
        `${counted(standing.samplesPerPass ?? 0, "value")} per channel in ${first.layer.name}. Values of one sample ` +
        "depend on each other, so they are worth less than as many samples.",
      next:
        "Check that evaluation is as good as training. If it is not, use larger batches, GroupNorm " +
        "or SyncBatchNorm.",
    }),
  ];
}
