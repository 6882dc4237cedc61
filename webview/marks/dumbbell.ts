/** Values of one layer on a log scale with the noise floor, joined by a line: first and now, or one per run. */
import { div } from "../ui/dom";
import { type SmallScale, asPercent, logShare } from "./scales";

const DECADES = [0.001, 0.01, 0.1, 1, 10];

export interface Dot {
  readonly value: number;
  /** Its look: `hollow`, `filled`, or that of a run. */
  readonly className: string;
}

function gridLine(share: number): HTMLElement {
  const line = div("dumbbell-grid");
  line.style.left = asPercent(share);
  return line;
}

export class Dumbbell {
  private readonly floor = div("dumbbell-floor hatched");
  private readonly line = div("dumbbell-line");
  private readonly dots: HTMLElement[] = [];
  readonly element = div("dumbbell", this.floor, this.line);

  constructor(private readonly scale: SmallScale) {
    this.element.prepend(
      ...DECADES.filter((decade) => decade > scale.from && decade < scale.to).map((decade) =>
        gridLine(logShare(decade, scale)),
      ),
    );
  }

  /** The last dot lies on top. */
  update(dots: readonly Dot[], floor: number): void {
    const shares = dots.map(({ value }) => logShare(value, this.scale));
    this.floor.style.width = asPercent(logShare(floor, this.scale));
    dots.forEach(({ className }, index) => this.place(index, shares[index] ?? Number.NaN, className));
    for (const spare of this.dots.slice(dots.length)) spare.hidden = true;
    const known = shares.filter(Number.isFinite);
    const from = Math.min(...known);
    this.line.hidden = known.length < 2;
    if (known.length < 2) return;
    this.line.style.left = asPercent(from);
    this.line.style.width = asPercent(Math.max(...known) - from);
  }

  private place(index: number, share: number, className: string): void {
    const dot = this.dots[index] ?? div("");
    if (!this.dots[index]) {
      this.dots[index] = dot;
      this.element.append(dot);
    }
    dot.className = `dumbbell-dot ${className}`;
    dot.hidden = Number.isNaN(share);
    dot.style.left = asPercent(share);
  }
}
