/** The verdict: what the sentence of state/verdict says, drawn. Changes are announced once, politely. */
import { compareVerdict } from "../state/compareWords";
import { type PanelModel, primaryRun } from "../state/panelModel";
import { badLinesNote, editedNote, verdictOf } from "../state/verdict";
import { type Answer, type Part, type Verdict, plainText } from "../state/verdictParts";
import { button } from "../ui/controls";
import { div, element, linkButton, replaceWhen, setText, span } from "../ui/dom";
import { withoutMiddle } from "../ui/format";
import { toneIcon } from "../ui/icons";
import type { PanelContext, PanelPart } from "./context";

export class VerdictBlock implements PanelPart {
  private readonly icon = element("span", { className: "verdict-icon" });
  private readonly sentence = element("h1", {
    className: "verdict-sentence",
    testId: "verdict",
    attributes: { role: "status" },
  });
  private readonly answers = element("dl", { className: "answers", testId: "answers" });
  private readonly notes = element("div", { className: "notes", testId: "notes" });
  readonly element = element("section", {
    className: "verdict",
    attributes: { "aria-label": "Verdict" },
    children: [div("verdict-line", this.icon, this.sentence), this.answers, this.notes],
  });

  constructor(private readonly context: PanelContext) {}

  update(model: PanelModel): void {
    const verdict = chooseVerdict(model);
    replaceWhen(this.icon, verdict.tone, () => [toneIcon(verdict.tone)]);
    setText(this.sentence, verdict.sentence);
    replaceWhen(this.answers, plainText(verdict), () => verdict.answers.map((one) => this.answer(one)));
    const notes = model.runs.flatMap((run) => [badLinesNote(run), editedNote(run)]).filter((note) => note !== null);
    replaceWhen(this.notes, notes.join("\n"), () =>
      notes.map((note) => div("note", toneIcon("warning"), span("", note))),
    );
  }

  private answer({ label, parts }: Answer): HTMLElement {
    const value = element("dd", { children: parts.map((part) => this.part(part)) });
    return element("div", {
      className: parts.some(isCommand) ? "answer acting" : "answer",
      children: [element("dt", { text: label }), value],
    });
  }

  private part(part: Part): Node | string {
    if (typeof part === "string") return part;
    const { actions } = this.context;
    switch (part.kind) {
      case "strong":
        return element("strong", { text: part.text });
      case "code":
        return element("code", { text: part.text });
      case "layer":
        return linkButton(
          withoutMiddle(part.name, 28),
          `Select layer ${part.name}`,
          () => actions.selectLayer(part.name),
          "link code",
        );
      case "line":
        return linkButton(`line ${part.line}`, `Show line ${part.line}, which defines ${part.layer}`, () =>
          actions.revealLayer(part.layer),
        );
      case "view":
        return linkButton(part.text, `Open ${part.text}`, () => actions.openView(part.view));
      case "command":
        return button({
          label: part.text,
          testId: `verdict-${part.command}`,
          appearance: "primary",
          activate: () => actions.run(part.command),
        });
    }
  }
}

const isCommand = (part: Part): boolean => typeof part !== "string" && part.kind === "command";

/** Two runs are first of all compared; a layer view judges the run whose layers it shows. */
function chooseVerdict(model: PanelModel): Verdict {
  const [a, b] = model.runs;
  const started = a?.view.run && b?.view.run;
  if (a && b && started && (model.selection.view === "overview" || !primaryRun(model)?.hasBatchNorm))
    return compareVerdict(a, b);
  return verdictOf(model);
}
