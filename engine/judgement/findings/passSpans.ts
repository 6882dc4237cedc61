/** How often a step updates each layer, from `passes` records: spans of steps with equal numbers. */
import type { RunSummary } from "../runSummary";

export interface PassSpan {
  readonly from: number;
  /** The first step after it. */
  readonly to: number;
  readonly passes: number;
  readonly training: boolean | null;
}

/** By layer. What comes after the last step of a run that has ended is a span after it. */
export function passSpans({ passes, normLayers, lastStep }: RunSummary): ReadonlyMap<string, readonly PassSpan[]> {
  const byLayer = new Map<string, PassSpan[]>();
  const all = normLayers.map(({ id }) => id);
  for (const { step, passes: count, layers, training } of passes)
    for (const id of layers ?? all) {
      const spans = byLayer.get(id) ?? [];
      byLayer.set(id, spans);
      const last = spans.at(-1);
      if (last) spans[spans.length - 1] = { ...last, to: step };
      spans.push({ from: step, to: Math.max(step, lastStep) + 1, passes: count, training });
    }
  return byLayer;
}

const lengthOf = ({ from, to }: PassSpan): number => to - from;

/** Steps of all spans together. */
export const stepsIn = (spans: readonly PassSpan[]): number => spans.reduce((sum, span) => sum + lengthOf(span), 0);

export const isSingleStep = (span: PassSpan): boolean => lengthOf(span) === 1;

/** The number of passes of most steps that update at all; 0 where none does. */
export function usualPasses(spans: readonly PassSpan[], lastStep: number): number {
  const steps = new Map<number, number>();
  for (const span of spans)
    if (span.passes > 0 && span.from <= lastStep)
      steps.set(span.passes, (steps.get(span.passes) ?? 0) + lengthOf(span));
  return [...steps].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [0, 0])[0];
}
