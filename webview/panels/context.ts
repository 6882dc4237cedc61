/** What every part of the panel is given, and what it must offer. */
import type { StepFocus } from "../charts/stepFocus";
import type { PanelCommand, PanelViewName } from "../protocol";
import type { PanelModel } from "../state/panelModel";
import type { Theme } from "../theme";

export interface PanelActions {
  openView(view: PanelViewName): void;
  selectLayer(layer: string): void;
  revealLayer(layer: string): void;
  run(command: PanelCommand): void;
  toggleTables(): void;
  resetSteps(): void;
}

export interface PanelContext {
  readonly focus: StepFocus;
  readonly actions: PanelActions;
}

/** Surroundings a view draws for. */
export interface Surroundings {
  readonly theme: Theme;
  /** One column instead of two. */
  readonly narrow: boolean;
  /** Hardly wider than a phone: names are cut shorter. */
  readonly tight: boolean;
}

export interface PanelPart {
  readonly element: HTMLElement;
  update(model: PanelModel, surroundings: Surroundings): void;
}

export const viewTitles: Readonly<Record<PanelViewName, string>> = {
  overview: "Overview",
  drift: "Drift",
  convergence: "Convergence",
  gap: "Train vs eval",
};
