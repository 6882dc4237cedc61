/** A line over the steps of a run, coloured where something holds: each probe stands for the steps around it. */
import { type TemplateResult, html, svg } from "lit-html";

export interface StepStrip {
  readonly steps: readonly number[];
  readonly holds: readonly boolean[];
  /** For screen readers. */
  readonly title: string;
}

const WIDTH = 100;

export function stepStrip({ steps, holds, title }: StepStrip): TemplateResult {
  return html`<svg
    class="step-strip"
    viewBox="0 0 ${WIDTH} 1"
    preserveAspectRatio="none"
    role="img"
    aria-label=${title}
  >
    <rect class="strip-back" width=${WIDTH} height="1"></rect>
    ${stretchesOf(steps, holds).map(
      ([from, to]) => svg`<rect class="strip-part" x=${from * WIDTH} width=${(to - from) * WIDTH} height="1"></rect>`,
    )}
  </svg>`;
}

/** Shares of the whole, 0 to 1; a probe reaches half-way to its neighbours. */
export function stretchesOf(steps: readonly number[], holds: readonly boolean[]): [from: number, to: number][] {
  const first = steps[0] ?? 0;
  const length = (steps.at(-1) ?? 0) - first;
  const edge = (index: number): number => {
    if (length === 0 || index <= 0) return index <= 0 ? 0 : 1;
    const [before, after] = [steps[index - 1], steps[index]];
    return before === undefined || after === undefined ? 1 : ((before + after) / 2 - first) / length;
  };
  const stretches: [number, number][] = [];
  holds.forEach((isHeld, index) => {
    if (!isHeld) return;
    const last = stretches.at(-1);
    if (last && holds[index - 1] === true) last[1] = edge(index + 1);
    else stretches.push([edge(index), edge(index + 1)]);
  });
  return stretches;
}
