/** File, run, state and facts on the left; the commands for the run on the right. */
import { type TemplateResult, html, nothing, render } from "lit-html";
import type { VerdictCommand } from "../../engine/protocol/judgement";
import { type PanelModel, primaryRun } from "../state/panelModel";
import type { RunModel } from "../state/runModel";
import { runStyle } from "../state/runStyles";
import type { RunView } from "../protocol";
import { facts, runName, stateWords, subjectOf } from "../state/runWords";
import { button } from "../ui/controls";
import { element } from "../ui/dom";
import { type Picture, toneIcon } from "../ui/icons";
import { counted } from "../ui/format";
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
        ${this.subject(model)}
        <span class="run-names" data-testid="run-names">${runNames(model)}</span>
        <span class="state">
          <span class="state-icon">${toneIcon(tone)}</span>
          <span class="state-word" data-testid="state-word" data-state=${run.view.state}>${word}</span>
          <span class="secondary" data-testid="state-position">${position}</span>
          <span class="secondary facts" data-testid="facts">${facts(run.view).map((fact) => ` · ${fact}`)}</span>
        </span>
      </div>
      <div class="controls">${this.controls(model, run, narrow)}</div>`;
    render(header, this.element);
  }

  /** The file, where there is one to open; else the model. Where both are unknown, only the run's name is shown. */
  private subject({ runs }: PanelModel): TemplateResult | typeof nothing {
    const view = firstRecorded(runs);
    const text = view ? subjectOf(view) : null;
    if (text === null) return nothing;
    const path = view?.run?.source?.path;
    const activate = (): void => this.context.actions.run("openSource");
    return html`<span class="file">${
      path === undefined
        ? html`<span class="strong">${text}</span>`
        : link({ text, label: `Open ${path}`, className: "link strong", activate })
    }</span>`;
  }

  private controls({ runs }: PanelModel, run: RunModel, narrow: boolean): TemplateResult[] {
    const { view } = run;
    const { state, controllable, run: record } = view;
    const canSteer = run.isLive && controllable;
    // Only a run of our own engine can be trained again: the record of another producer does not say how.
    const canTrain = record?.config !== null;
    const twin = run.hasBatchNorm ? "without BN" : "with BN";
    return [
      this.command("pause", "Pause", "Pause training after this step.", canSteer && state === "running", "pause"),
      this.command("resume", "Resume", "Continue training.", canSteer && state === "paused", "resume"),
      this.command(
        "stop",
        "Stop",
        "Stop training after this step. Everything recorded is kept.",
        canSteer && state !== "starting",
        "stop",
      ),
      this.command(
        "probeNow",
        "Probe now",
        "Run the model on a recent batch in train and eval mode after the next step.",
        view.askable,
        "probe",
      ),
      this.command("stopRecording", "Stop recording", "Stop recording. The training continues.", view.askable, "stop"),
      this.command("trainAgain", "Train again", "Train the model file as it is now.", !run.isLive && canTrain),
      this.command(
        "compare",
        narrow ? "Compare" : `Compare ${twin}`,
        `Train the same model ${twin} and show both runs.`,
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

const firstRecorded = (runs: readonly RunModel[]): RunView | undefined =>
  (runs.find((run) => run.view.run) ?? runs[0])?.view;

/** More are counted: their letters and names stand in Compare. */
const MOST_NAMES = 5;

/** `› as written`, or `› A ● with BN and B ○ without BN`; without `›` if it comes first. */
function runNames({ runs, variants }: PanelModel): TemplateResult[] {
  const first = firstRecorded(runs);
  const start = first && subjectOf(first) !== null ? "›" : "";
  if (runs.length > MOST_NAMES) {
    const counts = [...(variants ? [counted(variants.variants.length, "variant")] : []), counted(runs.length, "run")];
    return [html`<span class="secondary">${start}</span><span class="run-name">${counts.join(", ")}</span>`];
  }
  return runs.map(({ view }, index) => {
    const { letter, mark, color } = runStyle(index);
    const separator = index === 0 ? start : index === runs.length - 1 ? "and" : "";
    const name = runName(view);
    return html`${separator === "" ? nothing : html`<span class="secondary">${separator}</span>`}${
      runs.length > 1 ? html`<span class=${`run-letter letter-${color}`}>${letter} ${mark}</span>` : nothing
    }<span class="run-name" title=${name}>${name}</span>`;
  });
}
