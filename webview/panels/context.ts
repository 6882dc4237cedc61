/** What every part of the panel gets, and what it must provide. */
import type { VerdictCommand, ViewId } from "../../engine/protocol/judgement";
import type { StepFocus } from "../charts/stepFocus";
import type { PanelModel } from "../state/panelModel";
import type { RunModel } from "../state/runModel";
import type { Alignment, SavedFile } from "../protocol";
import type { Theme } from "../theme";

export interface PanelActions {
  openView(view: ViewId): void;
  /** By id. */
  selectLayer(layer: string): void;
  /** Goes to the line of a layer; null where there is no editor. */
  readonly revealLayer: ((layer: string, run?: RunModel) => void) | null;
  run(command: VerdictCommand): void;
  fold(stage: string, folded: boolean): void;
  toggleTables(): void;
  /** Null for the run's own momentum. */
  replayWith(weight: number | null): void;
  /** Writes a momentum into the model's file; null where there is no editor. */
  readonly setMomentum: ((weight: number) => void) | null;
  /** Puts the lines that recalibrate such a model on the clipboard; null where there is no editor. */
  readonly copyRecalibration: (() => void) | null;
  toggleAllFlipped(): void;
  alignBy(alignment: Alignment): void;
  pinStep(step: number): void;
  /** Plays through the steps, or stops. */
  togglePlaying(): void;
  /** Lets a person keep something of the panel. */
  saveFile(file: SavedFile): void;
  /** Opens the page about a rule. */
  openRule(rule: string): void;
  resetSteps(): void;
}

/** What a link to a layer's line does; null where there is no editor to go to. */
export function revealing({ revealLayer }: PanelActions, layer: string, run?: RunModel): (() => void) | null {
  return revealLayer && (() => revealLayer(layer, run));
}

export interface PanelContext {
  readonly focus: StepFocus;
  readonly actions: PanelActions;
}

/** The surroundings that a view is drawn for. */
export interface Surroundings {
  readonly theme: Theme;
  /** One column instead of two. */
  readonly narrow: boolean;
  /** Little wider than a phone: names are shortened more. */
  readonly tight: boolean;
}

export interface PanelPart {
  readonly element: HTMLElement;
  update(model: PanelModel, surroundings: Surroundings): void;
}
