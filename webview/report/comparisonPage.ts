/** A report of several runs from top to bottom: who is ahead, what differs, the curves, then each run by itself. */
import { type TemplateResult, html, render } from "lit-html";
import { type Judgement, runLetter } from "../../engine/protocol/judgement";
import type { Comparison } from "../../engine/protocol/comparison";
import type { Report } from "../../engine/protocol/report";
import type { PanelContext, PanelPart, Surroundings } from "../panels/context";
import type { PanelModel } from "../state/panelModel";
import type { RunModel } from "../state/runModel";
import { facts, runName, stateWords, subjectOf } from "../state/runWords";
import { element } from "../ui/dom";
import { toneIcon } from "../ui/icons";
import { compare } from "../views/compare";
import { DrawnFigure, repeatSection, reportEnd, reportKind, toolLine } from "./reportParts";

export class ComparisonPage implements PanelPart {
  private readonly top = element("header", { className: "report-top" });
  private readonly tools = element("div", { className: "report-tools" });
  private readonly figure: DrawnFigure;
  private readonly bottom = element("footer", { className: "report-bottom" });
  readonly element: HTMLElement;

  constructor(
    private readonly report: Report,
    private readonly comparison: Comparison,
    private readonly context: PanelContext,
  ) {
    this.figure = new DrawnFigure({ spec: compare, title: compare.title, caption: "" }, 1, context);
    const body = element("div", { className: "report-figures", children: [this.figure.element] });
    this.element = element("main", { className: "report", children: [this.top, this.tools, body, this.bottom] });
  }

  update(model: PanelModel, surroundings: Surroundings): void {
    render(this.head(model.runs), this.top);
    render(toolLine(model, this.context.actions, ""), this.tools);
    this.figure.part.update(model, surroundings);
    render(this.foot(model.runs), this.bottom);
  }

  private head(runs: readonly RunModel[]): TemplateResult {
    const { tone, sentence } = this.comparison;
    const subjects = [...new Set(runs.map(({ view }) => subjectOf(view)).filter((subject) => subject !== null))];
    const title = [...subjects.slice(0, 1), `${runs.length} runs`].join(", ");
    return html`${reportKind(this.report)}
      <h1 data-testid="title">${title}</h1>
      <p class="report-verdict" data-testid="verdict">${toneIcon(tone)}<strong>${sentence}</strong></p>`;
  }

  private foot(runs: readonly RunModel[]): TemplateResult {
    const commands = this.report.runs.flatMap(({ command }) => command ?? []);
    return html`<section aria-label="Runs" data-testid="runs">
        <h2>Runs</h2>
        <ul>${runs.map((run, index) => runRow(run, index, this.report.runs[index]?.judgement))}</ul>
      </section>
      ${repeatSection([...new Set(commands)])} ${reportEnd(this.report)}`;
  }
}

function runRow({ view }: RunModel, index: number, judgement: Judgement | undefined): TemplateResult {
  const { word, position } = stateWords(view);
  const verdict = judgement?.verdicts.overview;
  return html`<li>
    ${toneIcon(verdict?.tone ?? "information")}
    <div>
      <p class="strong">${runLetter(index)} ${runName(view)}</p>
      <p class="secondary">${[word, position, ...facts(view)].filter(Boolean).join(" · ")}</p>
      <p>${verdict?.sentence ?? ""}</p>
    </div>
  </li>`;
}
