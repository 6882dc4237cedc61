/** Two values of one layer on a log scale with the noise floor: from ○ to ●. */
import { div } from "../ui/dom";
import { type SmallScale, asPercent, logShare } from "./scales";

const DECADES = [0.001, 0.01, 0.1, 1, 10];

function gridLine(share: number): HTMLElement {
  const line = div("dumbbell-grid");
  line.style.left = asPercent(share);
  return line;
}

export class Dumbbell {
  private readonly floor = div("dumbbell-floor hatched");
  private readonly line = div("dumbbell-line");
  private readonly hollow = div("dumbbell-dot hollow");
  private readonly filled = div("dumbbell-dot filled");
  readonly element = div("dumbbell", this.floor, this.line, this.hollow, this.filled);

  constructor(
    private readonly scale: SmallScale,
    className = "",
  ) {
    this.element.prepend(
      ...DECADES.filter((decade) => decade > scale.from && decade < scale.to).map((decade) =>
        gridLine(logShare(decade, scale)),
      ),
    );
    if (className !== "") this.element.classList.add(className);
  }

  update(hollow: number, filled: number, floor: number): void {
    const from = logShare(hollow, this.scale);
    const to = logShare(filled, this.scale);
    this.floor.style.width = asPercent(logShare(floor, this.scale));
    place(this.hollow, from);
    place(this.filled, to);
    this.line.hidden = Number.isNaN(from) || Number.isNaN(to);
    this.line.style.left = asPercent(Math.min(from, to));
    this.line.style.width = asPercent(Math.abs(to - from));
  }
}

function place(dot: HTMLElement, share: number): void {
  dot.hidden = Number.isNaN(share);
  dot.style.left = asPercent(share);
}
