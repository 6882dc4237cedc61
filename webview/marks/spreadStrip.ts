/** A quantity over a layer's channels: a line from minimum to maximum, a box between quartiles, the median across. */
import type { Spread } from "../../engine/protocol/judgement";
import { div, setHidden } from "../ui/dom";
import { twoDigits } from "../ui/format";
import { asPercent } from "./scales";

export interface LinearScale {
  readonly from: number;
  readonly to: number;
}

export class SpreadStrip {
  private readonly zero = div("spread-zero");
  private readonly range = div("spread-range");
  private readonly box = div("spread-box");
  private readonly median = div("spread-median");
  readonly element = div("spread", this.zero, this.range, this.box, this.median);

  update(spread: Spread, { from, to }: LinearScale): void {
    const [min, q1, median, q3, max] = spread;
    const isKnown = spread.every(Number.isFinite) && to > from;
    for (const part of [this.zero, this.range, this.box, this.median]) setHidden(part, !isKnown);
    this.element.title = isKnown ? `${twoDigits(min)} to ${twoDigits(max)}, median ${twoDigits(median)}` : "";
    if (!isKnown) return;
    const share = (value: number): number => (value - from) / (to - from);
    const place = (part: HTMLElement, low: number, high: number): void => {
      part.style.left = asPercent(share(low));
      part.style.width = asPercent(share(high) - share(low));
    };
    place(this.range, min, max);
    place(this.box, q1, q3);
    this.median.style.left = asPercent(share(median));
    this.zero.style.left = asPercent(share(0));
  }
}

/** From the lowest to the highest value of all layers, with zero in it. */
export function spreadScale(spreads: readonly Spread[]): LinearScale {
  const known = spreads.flat().filter(Number.isFinite);
  return { from: Math.min(0, ...known), to: Math.max(0, ...known) };
}
