/** Bars of the spine: the value, over a hatched noise floor, with the number at the end. */
import { type Health, isAbove } from "../../engine/protocol/judgement";
import { div, setText, span } from "../ui/dom";
import { UNKNOWN, twoDigits } from "../ui/format";

export interface BarValues {
  readonly value: number;
  /** The value of a second, inner bar; NaN for none. */
  readonly inner: number;
  readonly floor: number;
  readonly severity: Health;
  /** The value at the full length. */
  readonly scale: number;
}

/** Room for the number at the end of the longest bar. */
const LABEL_ROOM_PX = 40;

export class Bar {
  private readonly floor = div("bar-floor hatched");
  private readonly outer = div("bar-outer");
  private readonly inner = div("bar-inner");
  private readonly label = span("bar-label", "");
  readonly element = div("bar", this.floor, this.outer, this.inner, this.label);

  update({ value, inner, floor, severity, scale }: BarValues): void {
    const paired = Number.isFinite(inner);
    this.element.classList.toggle("loud", isAbove(severity));
    this.element.classList.toggle("paired", paired);
    setLength(this.floor, floor, scale);
    setLength(this.outer, value, scale);
    setLength(this.inner, inner, scale);
    const end = Math.max(Number.isFinite(value) ? value : 0, paired ? inner : 0, Number.isFinite(floor) ? floor : 0);
    this.label.style.left = length(end, scale);
    setText(this.label, Number.isFinite(value) ? twoDigits(value) : UNKNOWN);
  }
}

function setLength(node: HTMLElement, value: number, scale: number): void {
  node.style.width = length(Number.isFinite(value) ? value : 0, scale);
}

const length = (value: number, scale: number): string => {
  const share = Math.max(0, Math.min(1, value / scale));
  return `calc((100% - ${LABEL_ROOM_PX}px) * ${share.toFixed(4)})`;
};
