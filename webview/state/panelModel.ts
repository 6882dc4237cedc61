/** Everything a view draws from: runs, and what the person chose to look at. */
import type { PanelViewName } from "../protocol";
import type { NormLayer, RunModel } from "./runModel";

export interface Selection {
  readonly view: PanelViewName;
  readonly selectedLayer: string | null;
  /** A stretch of steps shown in every chart; null shows all. */
  readonly zoom: readonly [from: number, to: number] | null;
  readonly pinnedStep: number | null;
  readonly showTables: boolean;
}

export const firstSelection: Selection = {
  view: "overview",
  selectedLayer: null,
  zoom: null,
  pinnedStep: null,
  showTables: false,
};

export interface PanelModel {
  readonly runs: readonly RunModel[];
  readonly selection: Selection;
}

/** The run that layer views show: the first with BN, or the first. */
export function primaryRun({ runs }: PanelModel): RunModel | undefined {
  return runs.find((run) => run.hasBatchNorm) ?? runs[0];
}

/** A live panel follows the newest step until a person zooms or pins. */
export const isFollowing = ({ zoom, pinnedStep }: Selection): boolean => zoom === null && pinnedStep === null;

/** The steps charts show. */
export function stepRange({ runs, selection }: PanelModel): readonly [number, number] {
  return selection.zoom ?? [0, Math.max(1, ...runs.map(({ view }) => view.step))];
}

/** The selected layer where the run has it, else the first BN layer. */
export function selectedLayerOf(run: RunModel, { selectedLayer }: Selection): NormLayer | undefined {
  const layers = run.normLayers;
  return layers.find(({ name }) => name === selectedLayer) ?? layers[0];
}
