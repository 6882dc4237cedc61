/** What the report of a run and that of several have in common. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { Report } from "../../engine/protocol/report";
import type { PanelActions, PanelContext } from "../panels/context";
import type { PanelModel } from "../state/panelModel";
import { element } from "../ui/dom";
import { link } from "../ui/links";
import { ViewPart } from "../views/viewPart";
import type { Figure } from "./figures";

/** A view with a number and a caption above it. */
export class DrawnFigure {
  readonly part: ViewPart;
  readonly element: HTMLElement;

  constructor({ spec, title, caption }: Figure, number: number, context: PanelContext) {
    this.part = new ViewPart(spec, context);
    const heading = element("figcaption", {
      children: [
        element("strong", { text: `Figure ${number}` }),
        element("span", { className: "strong", text: `${title}.` }),
        element("span", { text: caption }),
      ],
    });
    this.element = element("figure", {
      testId: `figure-${spec.id}`,
      attributes: { id: `figure-${spec.id}` },
      children: [heading, this.part.element],
    });
  }
}

export const reportKind = (report: Report): TemplateResult =>
  html`<p class="report-kind"><span>NormLens report</span><span>${madeAt(report)}</span></p>`;

function madeAt({ madeAt: when }: Report): string {
  const date = new Date(when);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
}

/** What a reader can do with the figures, after a remark about them. */
export function toolLine({ selection }: PanelModel, actions: PanelActions, remark: string): TemplateResult {
  const { showTables, zoom, pinnedStep } = selection;
  const isPart = zoom !== null || pinnedStep !== null;
  return html`<span class="secondary">${remark}</span>
    <span>
      ${isPart ? link({ text: "All steps", label: "Show all steps", activate: () => actions.resetSteps() }) : nothing}
      ${link({
        text: showTables ? "Charts" : "Tables",
        label: showTables ? "Show charts instead of tables" : "Show tables instead of charts",
        testId: "tables",
        activate: () => actions.toggleTables(),
      })}
    </span>`;
}

/** The commands that make such runs again. */
export const repeatSection = (commands: readonly string[]): TemplateResult | typeof nothing =>
  commands.length === 0
    ? nothing
    : html`<section class="repeat">
        <h2>Repeat</h2>
        <div>${commands.map((command) => html`<code data-testid="repeat">${command}</code>`)}</div>
      </section>`;

export const reportEnd = ({ madeBy }: Report): TemplateResult =>
  html`<p class="secondary report-end">
    <span>Made by ${madeBy}.</span><span>All numbers are in this file; it makes no request.</span>
  </p>`;
