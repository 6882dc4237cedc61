/** File, run, state and facts at the left; what can be done with the run at the right. */
import { runLetters } from "../state/compareWords";
import { type PanelModel, primaryRun } from "../state/panelModel";
import type { RunModel } from "../state/runModel";
import { facts, stateWords } from "../state/runWords";
import { button, setButtonLabel } from "../ui/controls";
import { div, element, linkButton, replaceWhen, setHidden, setText, span } from "../ui/dom";
import { fileName } from "../ui/format";
import { picture, toneIcon } from "../ui/icons";
import type { PanelCommand } from "../protocol";
import type { PanelActions, PanelContext, PanelPart, Surroundings } from "./context";

export class Header implements PanelPart {
  private readonly file = element("span", { className: "file" });
  private readonly runs = element("span", { className: "run-names", testId: "run-names" });
  private readonly icon = element("span", { className: "state-icon" });
  private readonly word = element("span", { className: "state-word", testId: "state-word" });
  private readonly position = element("span", { className: "secondary", testId: "state-position" });
  private readonly facts = element("span", { className: "secondary facts", testId: "facts" });
  private readonly pause: HTMLElement;
  private readonly resume: HTMLElement;
  private readonly stop: HTMLElement;
  private readonly trainAgain: HTMLElement;
  private readonly compare: HTMLElement;
  readonly element: HTMLElement;

  constructor({ actions }: PanelContext) {
    this.actions = actions;
    const secondary = (command: PanelCommand, label: string, title: string, icon?: SVGElement): HTMLElement =>
      button({
        label,
        title,
        testId: command,
        appearance: "secondary",
        activate: () => actions.run(command),
        ...(icon ? { icon } : {}),
      });
    this.pause = secondary("pause", "Pause", "Pause training after this step", picture("pause"));
    this.resume = secondary("resume", "Resume", "Go on with training", picture("resume"));
    this.stop = secondary("stop", "Stop", "End training after this step; everything recorded is kept", picture("stop"));
    this.trainAgain = secondary("trainAgain", "Train again", "Train the model file as it is now");
    this.compare = secondary("compare", "Compare", "");
    const controls = element("div", {
      className: "controls",
      children: [this.pause, this.resume, this.stop, this.trainAgain, this.compare],
    });
    const state = element("span", { className: "state", children: [this.icon, this.word, this.position, this.facts] });
    this.element = element("header", {
      className: "header",
      children: [div("identity", this.file, this.runs, state), controls],
    });
  }

  private readonly actions: PanelActions;

  update(model: PanelModel, { narrow }: Surroundings): void {
    const run = model.runs.find(({ isLive }) => isLive) ?? primaryRun(model);
    if (!run) return;
    this.updateNames(model);
    const { tone, word, position } = stateWords(run);
    replaceWhen(this.icon, tone, () => [toneIcon(tone)]);
    setText(this.word, word);
    setText(this.position, position === "" ? "" : ` ${position}`);
    setText(
      this.facts,
      facts(run)
        .map((fact) => ` · ${fact}`)
        .join(""),
    );
    this.updateControls(model, run, narrow);
  }

  private updateNames({ runs }: PanelModel): void {
    const path = runs.find(({ view }) => view.run)?.view.run?.modelFile.path;
    replaceWhen(this.file, path ?? "", () =>
      path === undefined
        ? ["NormLens"]
        : [linkButton(fileName(path), `Open ${path}`, () => this.actions.run("openModelFile"), "link strong")],
    );
    const names = runs.map(({ view }) => view.run?.name ?? "starting");
    replaceWhen(this.runs, names.join("\n"), () =>
      names.flatMap((name, index) => {
        const separator = span("secondary separator", index === 0 ? "›" : "and");
        const letter =
          runs.length > 1
            ? [
                span(
                  `run-letter run-${runLetters[index] ?? ""}`,
                  `${runLetters[index] ?? ""} ${index === 0 ? "●" : "○"}`,
                ),
              ]
            : [];
        return [separator, ...letter, span("run-name", name)];
      }),
    );
  }

  private updateControls({ runs }: PanelModel, run: RunModel, narrow: boolean): void {
    const { state, controllable } = run.view;
    const canSteer = run.isLive && controllable;
    setHidden(this.pause, !canSteer || state !== "running");
    setHidden(this.resume, !canSteer || state !== "paused");
    setHidden(this.stop, !canSteer || state === "starting");
    setHidden(this.trainAgain, run.isLive);
    setHidden(this.compare, runs.length > 1 || run.view.run === null);
    const title = run.hasBatchNorm ? "Compare without BN" : "Compare with BN";
    setButtonLabel(this.compare, narrow ? "Compare" : title);
    this.compare.title = run.hasBatchNorm
      ? "Train the same model without BN beside it"
      : "Train the same model with BN beside it";
  }
}
