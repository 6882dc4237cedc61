/** A report from top to bottom: verdict, key numbers, figures, findings, how it was measured, how to repeat it. */
import { type TemplateResult, html, nothing, render } from "lit-html";
import type { RunFinding } from "../../engine/protocol/finding";
import type { Answer, Judgement } from "../../engine/protocol/judgement";
import { lineOfLayer } from "../../engine/protocol/producers";
import type { Report, ReportedRun } from "../../engine/protocol/report";
import type { PanelContext, PanelPart, Surroundings } from "../panels/context";
import type { PanelModel } from "../state/panelModel";
import { type RecordingFact, recordingFacts } from "../state/recordingWords";
import type { RunModel } from "../state/runModel";
import { facts, modelFacts, runName, stateWords, subjectOf } from "../state/runWords";
import { element } from "../ui/dom";
import { counted } from "../ui/format";
import { toneIcon } from "../ui/icons";
import { figuresOf } from "./figures";
import { DrawnFigure, repeatSection, reportEnd, reportKind, toolLine } from "./reportParts";
import { type KeyNumber, keyNumbers, measuredWords } from "./words";

export class ReportPage implements PanelPart {
  private readonly reported: ReportedRun;
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
  ) {
    [this.reported] = report.runs;
  }

  update(model: PanelModel, surroundings: Surroundings): void {
    const [run] = model.runs;
    if (!run) return;
    const { judgement } = this.reported;
    render(this.head(run, judgement), this.top);
    render(toolLine(model, this.context.actions, this.part()), this.tools);
    this.figures ??= figuresOf(run, judgement).map((figure, index) => new DrawnFigure(figure, index + 1, this.context));
    if (this.body.childElementCount === 0) this.body.append(...this.figures.map(({ element: figure }) => figure));
    for (const { part } of this.figures) part.update(model, surroundings);
    render(this.foot(run, judgement), this.bottom);
  }

  /** Which layers have curves, where not all of them do. */
  private part(): string {
    const { layers, judgement } = this.reported;
    return layers.length < judgement.layers.length
      ? `Curves of ${counted(layers.length, "layer")} of ${judgement.layers.length}, the worst ones, are here.`
      : "";
  }

  private head(run: RunModel, judgement: Judgement): TemplateResult {
    const { view } = run;
    const { tone, sentence, answers } = judgement.verdicts.overview;
    const { word, position } = stateWords(view);
    return html`${reportKind(this.report)}
      <h1 data-testid="title">${[subjectOf(view), runName(view)].filter(Boolean).join(", ")}</h1>
      <p class="secondary">${[word, position, ...facts(view), ...modelFacts(view)].filter(Boolean).join(" · ")}</p>
      <p class="report-verdict" data-testid="verdict">${toneIcon(tone)}<strong>${sentence}</strong></p>
      <div class="key-numbers">${keyNumbers(judgement).map(keyNumber)}</div>
      <dl class="report-answers">${answers.map(answerRow)}</dl>`;
  }

  private foot(run: RunModel, { findings, notes }: Judgement): TemplateResult {
    const recording = recordingFacts(run.view, []);
    const { command } = this.reported;
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
      ${repeatSection(command === null ? [] : [command])} ${reportEnd(this.report)}`;
  }
}

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
