/** A report from top to bottom: verdict, key numbers, figures, findings, how it was measured, how to repeat it. */
import { type TemplateResult, html, nothing, render } from "lit-html";
import type { RunFinding } from "../../engine/protocol/finding";
import type { Answer, Judgement } from "../../engine/protocol/judgement";
import { lineOfLayer } from "../../engine/protocol/producers";
import type { Report } from "../../engine/protocol/report";
import type { PanelContext, PanelPart, Surroundings } from "../panels/context";
import type { PanelModel } from "../state/panelModel";
import { type RecordingFact, recordingFacts } from "../state/recordingWords";
import type { RunModel } from "../state/runModel";
import { facts, modelFacts, runName, stateWords, subjectOf } from "../state/runWords";
import { element } from "../ui/dom";
import { counted } from "../ui/format";
import { toneIcon } from "../ui/icons";
import { link } from "../ui/links";
import { ViewPart } from "../views/viewPart";
import { type Figure, figuresOf } from "./figures";
import { type KeyNumber, keyNumbers, measuredWords } from "./words";

interface DrawnFigure {
  readonly part: ViewPart;
  readonly element: HTMLElement;
}

export class ReportPage implements PanelPart {
  private readonly top = element("header", { className: "report-top" });
  private readonly bottom = element("footer", { className: "report-bottom" });
  private readonly tools = element("div", { className: "report-tools" });
  private figures: readonly DrawnFigure[] | null = null;
  private readonly body = element("div", { className: "report-figures" });
  readonly element = element("main", {
    className: "report",
    children: [this.top, this.tools, this.body, this.bottom],
  });

  constructor(
    private readonly report: Report,
    private readonly context: PanelContext,
  ) {}

  update(model: PanelModel, surroundings: Surroundings): void {
    const [run] = model.runs;
    if (!run) return;
    const { judgement } = this.report;
    render(this.head(run, judgement), this.top);
    render(this.toolLine(model), this.tools);
    this.figures ??= figuresOf(run, judgement).map((figure, index) => this.figure(figure, index + 1));
    if (this.body.childElementCount === 0) this.body.append(...this.figures.map(({ element: figure }) => figure));
    for (const { part } of this.figures) part.update(model, surroundings);
    render(this.foot(run, judgement), this.bottom);
  }

  private figure({ spec, title, caption }: Figure, number: number): DrawnFigure {
    const part = new ViewPart(spec, this.context);
    const heading = element("figcaption", {
      children: [
        element("strong", { text: `Figure ${number}` }),
        element("span", { className: "strong", text: `${title}.` }),
        element("span", { text: caption }),
      ],
    });
    const figure = element("figure", {
      testId: `figure-${spec.id}`,
      attributes: { id: `figure-${spec.id}` },
      children: [heading, part.element],
    });
    return { part, element: figure };
  }

  private head(run: RunModel, judgement: Judgement): TemplateResult {
    const { view } = run;
    const { tone, sentence, answers } = judgement.verdicts.overview;
    const { word, position } = stateWords(view);
    return html`<p class="report-kind"><span>NormLens report</span><span>${madeAt(this.report)}</span></p>
      <h1 data-testid="title">${[subjectOf(view), runName(view)].filter(Boolean).join(", ")}</h1>
      <p class="secondary">${[word, position, ...facts(view), ...modelFacts(view)].filter(Boolean).join(" · ")}</p>
      <p class="report-verdict" data-testid="verdict">${toneIcon(tone)}<strong>${sentence}</strong></p>
      <div class="key-numbers">${keyNumbers(judgement).map(keyNumber)}</div>
      <dl class="report-answers">${answers.map(answerRow)}</dl>`;
  }

  private toolLine({ selection: { showTables, zoom, pinnedStep } }: PanelModel): TemplateResult {
    const { actions } = this.context;
    const { layers, judgement } = this.report;
    const some = layers.length < judgement.layers.length;
    const isPart = zoom !== null || pinnedStep !== null;
    return html`<span class="secondary">${
      some
        ? `Curves of ${counted(layers.length, "layer")} of ${judgement.layers.length}, the worst ones, are here.`
        : ""
    }</span>
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

  private foot(run: RunModel, { findings, notes }: Judgement): TemplateResult {
    const recording = recordingFacts(run.view, []);
    const { command, madeBy } = this.report;
    return html`<section aria-label="Findings" data-testid="findings">
        <h2>Findings</h2>
        ${findings.length === 0 ? html`<p class="secondary">Rules found nothing in this run.</p>` : nothing}
        <ul>${findings.map((finding) => findingRow(finding, run))}</ul>
      </section>
      <section>
        <h2>How it was measured</h2>
        <p>${measuredWords(run.view).join(" ")}</p>
        ${notes.map((note) => html`<p>${note}</p>`)}
        <dl class="report-answers">${recording.map(factRow)}</dl>
      </section>
      ${
        command === null
          ? nothing
          : html`<section class="repeat"><h2>Repeat</h2><code data-testid="repeat">${command}</code></section>`
      }
      <p class="secondary report-end">
        <span>Made by ${madeBy}.</span><span>All numbers are in this file; it makes no request.</span>
      </p>`;
  }
}

const madeAt = ({ madeAt: when }: Report): string => {
  const date = new Date(when);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
};

const keyNumber = ({ value, words, color }: KeyNumber): TemplateResult =>
  html`<div><span class=${`key-number key-${color}`}>${value}</span><span class="secondary">${words}</span></div>`;

const factRow = ({ label, text }: RecordingFact): TemplateResult => html`<div><dt>${label}</dt><dd>${text}</dd></div>`;

/** Commands are the panel's: here they are words. */
const answerRow = ({ label, parts }: Answer): TemplateResult =>
  html`<div>
    <dt>${label}</dt>
    <dd>
      ${parts.map((part) => {
        if (typeof part === "string") return part;
        if (part.kind === "layer") return html`<span class="code">${part.name}</span>`;
        if (part.kind === "code") return html`<code>${part.text}</code>`;
        return part.kind === "line" ? `line ${part.line}` : part.text;
      })}
    </dd>
  </div>`;

function findingRow({ severity, verdict, evidence, next, layers, line }: RunFinding, run: RunModel): TemplateResult {
  const source = run.view.run?.layers.find(({ id }) => id === layers[0])?.source;
  const place = source ? lineOfLayer(source) : line === null ? "" : `line ${line}`;
  return html`<li>
    ${toneIcon(severity)}
    <div>
      <p class="strong">${verdict}</p>
      <p class="secondary">${[evidence, next].filter(Boolean).join(" ")}</p>
    </div>
    <span class="secondary">${place}</span>
  </li>`;
}
