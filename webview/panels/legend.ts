/** The legend beside a view's headings: the meaning of its lines, bands and colours. */
import { type TemplateResult, html } from "lit-html";
import type { RampName, RunColor, Theme } from "../theme";

export type Swatch =
  | "batchLine"
  | "runningLine"
  | "populationLine"
  | "populationDot"
  | "allBand"
  | "halfBand"
  | "runningBand"
  | "floor"
  | "otherLine"
  | "nowDot"
  | "firstDot"
  | "paleBar"
  | "darkBar"
  | "trainBar"
  | "evalBar"
  | RunColor;

export interface LegendItem {
  readonly swatch: Swatch;
  readonly text: string;
}

/** A scale of colours with the values at its ends. */
export interface RampSpec {
  readonly ramp: RampName;
  readonly title: string;
  readonly from: string;
  readonly to: string;
}

export const legend = (items: readonly LegendItem[]): TemplateResult[] =>
  items.map(
    ({ swatch, text }) =>
      html`<span class="legend-item"
        ><span class=${`swatch swatch-${swatch} ${swatch === "floor" ? "hatched" : ""}`}></span>${text}</span
      >`,
  );

/** The style is set as a property, because the content security policy forbids the attribute. */
export const ramp = ({ ramp: name, title, from, to }: RampSpec, theme: Theme): TemplateResult =>
  html`<span class="legend-item"
    >${title}<span class="secondary">${from}</span
    ><span class="ramp" .style=${`background: linear-gradient(to right, ${theme[name].join(", ")})`}></span
    ><span class="secondary">${to}</span></span
  >`;
