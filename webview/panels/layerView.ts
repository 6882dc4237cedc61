/** What drift, convergence and the gap have in common: a run with BN, a spine, and a selected layer. */
import { layerReadings } from "../state/layerReadings";
import { type PanelModel, primaryRun, selectedLayerOf, stepRange } from "../state/panelModel";
import type { NormLayer, RunModel } from "../state/runModel";
import { element, setHidden } from "../ui/dom";
import type { PanelPart, Surroundings } from "./context";
import { needsBatchNorm } from "./needsBatchNorm";
import type { SpineFrame } from "./spine";

export interface LayerFrame extends SpineFrame {
  readonly model: PanelModel;
  readonly layer: NormLayer;
}

export interface LayerContent {
  readonly element: HTMLElement;
  update(frame: LayerFrame): void;
}

export class LayerView implements PanelPart {
  readonly element: HTMLElement;
  private readonly empty: HTMLElement;

  constructor(
    title: string,
    private readonly content: LayerContent,
  ) {
    this.empty = needsBatchNorm(title);
    this.element = element("div", { className: "view-frame", children: [content.element, this.empty] });
  }

  update(model: PanelModel, surroundings: Surroundings): void {
    const run = primaryRun(model);
    const layer = run ? selectedLayerOf(run, model.selection) : undefined;
    setHidden(this.empty, layer !== undefined || !run?.view.run);
    setHidden(this.content.element, layer === undefined);
    if (run && layer) this.content.update(frameOf(model, run, layer, surroundings));
  }
}

function frameOf(model: PanelModel, run: RunModel, layer: NormLayer, surroundings: Surroundings): LayerFrame {
  const readings = layerReadings(run, model.selection.pinnedStep);
  return { ...surroundings, model, run, layer, readings, range: stepRange(model) };
}

/** "now", or the pinned step. */
export const whenWord = ({ model }: Pick<LayerFrame, "model">): string =>
  model.selection.pinnedStep === null ? "now" : `at ${model.selection.pinnedStep}`;
