/** File, run, state and facts at the left; what can be done with the run at the right. */
import { type TemplateResult, html, nothing, render } from "lit-html";
import type { VerdictCommand } from "../../engine/protocol/judgement";
import { type PanelModel, primaryRun } from "../state/panelModel";
import type { RunModel } from "../state/runModel";
import { runStyle } from "../state/runStyles";
import { facts, stateWords, subjectOf } from "../state/runWords";
import { button } from "../ui/controls";
import { element } from "../ui/dom";
import { type Picture, toneIcon } from "../ui/icons";
import { link } from "../ui/links";
import type { PanelContext, PanelPart, Surroundings } from "./context";

export class Header implements PanelPart {
  readonly element = element("header", { className: "header" });

  constructor(private readonly context: PanelContext) {}

  update(model: PanelModel, { narrow }: Surroundings): void {
    const run = model.runs.find(({ isLive }) => isLive) ?? primaryRun(model);
    if (!run) return;
    const { tone, word, position } = stateWords(run.view);
    const header = html`<div class="identity">
        <span class="file">${this.subject(model)}</span>
        <span class="run-names" data-testid="run-names">${runNames(model)}</span>
        <span class="state">
          <span class="state-icon">${toneIcon(tone)}</span>
          <span class="state-word" data-testid="state-word">${word}</span>
          <span class="secondary" data-testid="state-position">${position}</span>
          <span class="secondary facts" data-testid="facts">${facts(run.view).map((fact) => ` · ${fact}`)}</span>
        </span>
      </div>
      <div class="controls">${this.controls(model, run, narrow)}</div>`;
    render(header, this.element);
  }

  /** The file, where there is one to open; else what was trained. */
  private subject({ runs }: PanelModel): TemplateResult {
    const view = (runs.find((run) => run.view.run) ?? runs[0])?.view;
    const text = view ? subjectOf(view) : "NormLens";
    const path = view?.run?.source?.path;
    if (path === undefined) return html`<span class="strong">${text}</span>`;
    const activate = (): void => this.context.actions.run("openSource");
    return link({ text, label: `Open ${path}`, className: "link strong", activate });
  }

  private controls({ runs }: PanelModel, run: RunModel, narrow: boolean): TemplateResult[] {
    const { state, controllable, run: record } = run.view;
    const canSteer = run.isLive && controllable;
    // Only what our own engine trained can be trained again: of another producer's run nobody knows how.
    const canTrain = record?.config !== null;
    const twin = run.hasBatchNorm ? "without BN" : "with BN";
    return [
      this.command("pause", "Pause", "Pause training after this step", canSteer && state === "running", "pause"),
      this.command("resume", "Resume", "Go on with training", canSteer && state === "paused", "resume"),
      this.command(
        "stop",
        "Stop",
        "End training after this step; everything recorded is kept",
        canSteer && state !== "starting",
        "stop",
      ),
      this.command("trainAgain", "Train again", "Train the model file as it is now", !run.isLive && canTrain),
      this.command(
        "compare",
        narrow ? "Compare" : `Compare ${twin}`,
        `Train the same model ${twin} beside it`,
        runs.length === 1 && record !== null && canTrain,
      ),
    ];
  }

  private command(
    command: VerdictCommand,
    label: string,
    title: string,
    shown: boolean,
    icon?: Picture,
  ): TemplateResult {
    return button({
      label,
      title,
      testId: command,
      appearance: "secondary",
      hidden: !shown,
      activate: () => this.context.actions.run(command),
      ...(icon ? { icon } : {}),
    });
  }
}

/** `› as written`, or `› A ● with BN and B ○ without BN`. */
function runNames({ runs }: PanelModel): TemplateResult[] {
  return runs.map(({ view }, index) => {
    const { letter, mark, color } = runStyle(index);
    const separator = index === 0 ? "›" : index === runs.length - 1 ? "and" : "";
    return html`<span class="secondary separator">${separator}</span>${
      runs.length > 1 ? html`<span class=${`run-letter letter-${color}`}>${letter} ${mark}</span>` : nothing
    }<span class="run-name" title=${view.run?.name ?? ""}>${view.run?.name ?? "starting"}</span>`;
  });
}
