/** Shows the verdict that the host sends. A screen reader announces each new sentence once. */
import { type TemplateResult, html, nothing, render } from "lit-html";
import type { Answer, Note, Part } from "../../engine/protocol/judgement";
import type { PanelModel } from "../state/panelModel";
import { panelNotes, panelVerdict } from "../state/panelVerdict";
import { button } from "../ui/controls";
import { element } from "../ui/dom";
import { withoutMiddle } from "../ui/format";
import { toneIcon } from "../ui/icons";
import { link } from "../ui/links";
import { type PanelActions, type PanelContext, type PanelPart, revealing } from "./context";

export class VerdictBlock implements PanelPart {
  readonly element = element("section", { className: "verdict", attributes: { "aria-label": "Verdict" } });

  constructor(private readonly context: PanelContext) {}

  update(model: PanelModel): void {
    const { tone, sentence, answers } = panelVerdict(model);
    const notes = panelNotes(model);
    const { actions } = this.context;
    const block = html`<div class="verdict-line">
        <span class="verdict-icon">${toneIcon(tone)}</span>
        <h1 class="verdict-sentence" data-testid="verdict" role="status">${sentence}</h1>
      </div>
      <dl class="answers" data-testid="answers">${answers.map((answer) => answerRow(answer, actions))}</dl>
      ${notes.length === 0 ? nothing : html`<div class="notes" data-testid="notes">${notes.map(noteRow)}</div>`}`;
    render(block, this.element);
  }
}

const noteRow = ({ severity, sentence }: Note): TemplateResult =>
  html`<div class="note">${toneIcon(severity)}<span>${sentence}</span></div>`;

const answerRow = ({ label, parts }: Answer, actions: PanelActions): TemplateResult => html`<div
  class=${parts.some(isCommand) ? "answer acting" : "answer"}
>
  <dt>${label}</dt>
  <dd>${parts.map((part) => partOf(part, actions))}</dd>
</div>`;

function partOf(part: Part, actions: PanelActions): TemplateResult | string {
  if (typeof part === "string") return part;
  switch (part.kind) {
    case "strong":
      return html`<strong>${part.text}</strong>`;
    case "code":
      return html`<code>${part.text}</code>`;
    case "layer":
      return link({
        text: withoutMiddle(part.name, 28),
        label: `Select layer ${part.name}`,
        className: "link code",
        activate: () => actions.selectLayer(part.id),
      });
    case "line":
      return link({
        text: `line ${part.line}`,
        label: `Go to line ${part.line}, which creates ${part.layer}`,
        activate: revealing(actions, part.layer),
      });
    case "view":
      return link({ text: part.text, label: `Open ${part.text}`, activate: () => actions.openView(part.view) });
    case "command":
      return button({
        label: part.text,
        testId: `verdict-${part.command}`,
        appearance: "primary",
        activate: () => actions.run(part.command),
      });
  }
}

const isCommand = (part: Part): boolean => typeof part !== "string" && part.kind === "command";
