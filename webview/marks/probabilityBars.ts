/** What two modes give each class for one sample: train mode upwards, eval mode downwards, from one line. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { ClassProbability } from "../../engine/protocol/flippedSamples";

export interface ProbabilityBars {
  readonly classes: readonly ClassProbability[];
  /** The answers, by name. */
  readonly train: string;
  readonly eval: string;
}

/** Longer names have no place under a bar: then the answers alone, which stand beside it in words, are named. */
const LONGEST_NAME = 2;
/** A bar that reaches into the place of its number. */
const LONG_BAR = 0.6;

export const wholePercent = (share: number): string =>
  Number.isFinite(share) ? `${Math.round(100 * share)}\u00a0%` : "unknown";

export function probabilityBars({ classes, train, eval: evaluated }: ProbabilityBars): TemplateResult {
  const named = classes.every(({ name }) => name.length <= LONGEST_NAME);
  const of = (name: string): ClassProbability | undefined => classes.find((one) => one.name === name);
  const title =
    `In train mode ${train} with ${wholePercent(of(train)?.train ?? Number.NaN)}, ` +
    `in eval mode ${evaluated} with ${wholePercent(of(evaluated)?.eval ?? Number.NaN)}`;
  return html`<div class="probability-bars" role="img" aria-label=${title}>
    ${classes.map(
      (one, index) =>
        html`<span class="probability-slot" aria-hidden="true">
          <span class="train-half">
            ${bar(one.train)}${one.name === train ? number(one.train, index, classes) : nothing}
          </span>
          <span class="eval-half">
            ${bar(one.eval)}${one.name === evaluated ? number(one.eval, index, classes) : nothing}
          </span>
          ${named ? html`<span class=${classOf(one.name, train, evaluated)}>${one.name}</span>` : nothing}
        </span>`,
    )}
  </div>`;
}

const bar = (share: number): TemplateResult => html`<span
  class="probability-bar"
  .style=${`height: ${Number.isFinite(share) ? (100 * share).toFixed(1) : 0}%`}
></span>`;

/** Over a short bar; beside a long one, towards the middle, where there is place. */
function number(share: number, index: number, { length }: readonly unknown[]): TemplateResult {
  const side = index >= length / 2 ? "left" : "right";
  const isAtEdge = index === 0 || index === length - 1;
  return html`<span
    class=${`probability-number ${share > LONG_BAR || isAtEdge ? side : "over"}`}
  >${wholePercent(share)}</span>`;
}

const classOf = (name: string, train: string, evaluated: string): string =>
  `probability-name ${name === train ? "is-train" : ""} ${name === evaluated ? "is-eval" : ""}`;
