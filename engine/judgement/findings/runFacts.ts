/** What the rules look at: the fold of a run, turned around to layers once for all rules. */
import type { NormLayer, SegmentRecord } from "../../protocol/records";
import type { RankSample } from "../../protocol/ranks";
import type { RunSummary } from "../runSummary";
import { judgedFromStep } from "../severity";
import type { Standing } from "../standings";
import { type PassSpan, passSpans } from "./passSpans";

export interface LayerFacts {
  readonly layer: NormLayer;
  /** The step after which its model was made; 0 unless it was made again. What is here is about this model alone. */
  readonly began: number;
  /** Where it stood, oldest first. */
  readonly standings: readonly Standing[];
  /** What was written into it from outside, oldest first. */
  readonly segments: readonly SegmentRecord[];
  /** How often a step updates it, first to last. */
  readonly spans: readonly PassSpan[];
  /** Since which step what the run says of the layer is true; 0 from the start. */
  readonly factsSince: number;
  readonly isEvaluated: boolean;
  /** Evaluated or saved. Statistics that nobody uses hurt nobody, however wrong they are. */
  readonly isUsed: boolean;
  readonly isKeras: boolean;
}

export interface RunFacts {
  readonly summary: RunSummary;
  /** Normalization layers, input to output. */
  readonly layers: readonly LayerFacts[];
  readonly rankSamples: readonly RankSample[];
  readonly hasEnded: boolean;
  readonly lastStep: number;
}

export function factsOf(summary: RunSummary): RunFacts {
  const spans = passSpans(summary);
  return {
    summary,
    layers: summary.normLayers.map((layer) => layerFacts(summary, layer, spans.get(layer.id) ?? [])),
    rankSamples: summary.rankSamples,
    hasEnded: summary.end !== null,
    lastStep: summary.lastStep,
  };
}

function layerFacts(summary: RunSummary, layer: NormLayer, spans: readonly PassSpan[]): LayerFacts {
  const standings = summary.standings.of(layer.id);
  const concerns = ({ layers }: { readonly layers: readonly string[] | null }): boolean =>
    layers === null || layers.includes(layer.id);
  const all = summary.segments.filter(
    (segment) => concerns(segment) || segment.withoutStatistics?.includes(layer.id) === true,
  );
  const again = all.findLastIndex(({ reason }) => reason === "started-again");
  const began = all[again]?.step ?? 0;
  const isSince = ({ step }: { readonly step: number }): boolean => again < 0 || step > began;
  // An evaluation does not say which of several models it was.
  const isScored = new Set(summary.normLayers.map(({ model }) => model)).size === 1 && summary.evals.some(isSince);
  const isEvaluated = isScored || summary.standings.had(layer.id, "evaluated");
  const isSaved = summary.checkpoints.some((checkpoint) => concerns(checkpoint) && isSince(checkpoint));
  return {
    layer,
    began,
    standings,
    segments: all.slice(again + 1),
    spans: spans.filter(({ from }) => isSince({ step: from })),
    factsSince: summary.factsSince.get(layer.id) ?? 0,
    isEvaluated,
    isUsed: isEvaluated || summary.standings.had(layer.id, "saved") || isSaved,
    isKeras: (layer.framework ?? summary.run?.framework ?? "").startsWith("keras"),
  };
}

/** The newest standing in which a number is known. */
export function newestWith(
  { standings }: Pick<LayerFacts, "standings">,
  known: (standing: Standing) => number | null,
): Standing | null {
  return standings.findLast((standing) => known(standing) !== null) ?? null;
}

/** The last time that this layer's statistics were used with this number known, or left at the end of the run. */
export const lastUseWith = (
  { standings }: Pick<LayerFacts, "standings">,
  known: (standing: Standing) => number | null,
): Standing | null => standings.findLast((standing) => standing.when !== "rhythm" && known(standing) !== null) ?? null;

/** The last step up to `step` at which something was written into the layer from outside, or at which it began. */
export const disturbedAt = ({ segments, began }: LayerFacts, step: number): number =>
  segments.findLast((segment) => segment.step <= step)?.step ?? began;

/**
 * Whether running statistics had time to settle since they began or were set from outside: nothing is judged before.
 */
export function isSettled({ summary, hasEnded, lastStep }: RunFacts, facts: LayerFacts, standing: Standing): boolean {
  const from = disturbedAt(facts, standing.step);
  const planned = summary.run?.plannedSteps ?? (hasEnded ? lastStep : Number.POSITIVE_INFINITY);
  const passes = Math.max(1, standing.passes ?? 1);
  const done = Math.min(standing.updates ?? Number.POSITIVE_INFINITY, (standing.step - from) * passes);
  return done >= judgedFromStep([facts.layer.norm.updateWeight], (planned - from) * passes);
}

/** The last standing of each step: an evaluation after the last step and the end are one look at the layer. */
export const oneAStep = (standings: readonly Standing[]): Standing[] =>
  standings.filter(({ step }, index) => standings[index + 1]?.step !== step);

/**
 * Standings of which a share of moved channels says what training did: no weights were loaded since the one before, and
 * the facts of the layer were the same.
 */
export function undisturbed({ standings, segments, factsSince }: LayerFacts): Standing[] {
  let next = 0;
  return standings.filter(({ step }, index) => {
    const before = standings[index - 1];
    // Two standings of one step say nothing about training.
    if (before === undefined || before.step === step || (factsSince > 0 && before.step < factsSince - 1)) return false;
    while ((segments[next]?.step ?? Number.POSITIVE_INFINITY) < before.step) next += 1;
    return !((segments[next]?.step ?? Number.POSITIVE_INFINITY) <= step);
  });
}

/** The newest standing that says how many channels moved in training. */
export const newestMoved = (facts: LayerFacts, what: "runningMoved" | "affineMoved"): Standing | null =>
  undisturbed(facts).findLast((standing) => standing[what] !== null) ?? null;

/**
 * Since when its running statistics change; null where they don't, or nobody knows. At the newest standing that says
 * so, and at the one before where there is one: movement that was seen once may have another cause.
 */
export function keepsMoving(facts: LayerFacts): Standing | null {
  const known = undisturbed(facts).filter(({ runningMoved }) => runningMoved !== null);
  const [before, newest] = [known.at(-2), known.at(-1)];
  if (!((newest?.runningMoved ?? 0) > 0) || newest?.passes === 0) return null;
  return before?.runningMoved === 0 ? null : (known.find(({ runningMoved }) => (runningMoved ?? 0) > 0) ?? null);
}

export const isTracked = ({ layer }: LayerFacts): boolean => layer.norm.tracked !== false;
/** A copy that no optimizer trains: an average of the weights, a server, a target network. */
export const isCopy = ({ layer }: LayerFacts): boolean => layer.owned === false;
