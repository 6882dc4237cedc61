/** Everything a view draws from: runs, and what the person chose to look at. */
import type { Verdict, ViewId } from "../../engine/protocol/judgement";
import { type NormLayer, selectedLayerOf } from "../../engine/protocol/records";
import type { RunModel } from "./runModel";
import type { Range } from "./store";

export interface Selection {
  readonly view: ViewId;
  /** A layer's id. */
  readonly selectedLayer: string | null;
  /** A stretch of steps shown in every chart; null shows all. */
  readonly zoom: Range | null;
  readonly pinnedStep: number | null;
  readonly showTables: boolean;
  /** Stages a person left folded; null until one was folded or unfolded. */
  readonly folded: readonly string[] | null;
}

export const firstSelection: Selection = {
  view: "overview",
  selectedLayer: null,
  zoom: null,
  pinnedStep: null,
  showTables: false,
  folded: null,
};

export interface PanelModel {
  readonly runs: readonly RunModel[];
  readonly selection: Selection;
  /** Several runs in words. */
  readonly comparison: Verdict | null;
  /** The steps whose curves are held; null for all of them. They may lag behind the zoom. */
  readonly heldRange: Range | null;
  /** Ids of the stages that are folded now. */
  readonly folded: ReadonlySet<string>;
}

/** The run that layer views show: the first with BN, or the first. */
export const primaryRun = ({ runs }: Pick<PanelModel, "runs">): RunModel | undefined =>
  runs.find((run) => run.hasBatchNorm) ?? runs[0];

/** A live panel follows the newest step until a person zooms or pins. */
export const isFollowing = ({ zoom, pinnedStep }: Selection): boolean => zoom === null && pinnedStep === null;

export const lastStep = ({ runs }: Pick<PanelModel, "runs">): number =>
  Math.max(0, ...runs.map(({ view }) => view.step));

/** The steps charts show. */
export const stepRange = (model: Pick<PanelModel, "runs" | "selection">): Range =>
  model.selection.zoom ?? [0, Math.max(1, lastStep(model))];

export const selectedLayer = (run: RunModel | undefined, selection: Selection): NormLayer | undefined =>
  run && selectedLayerOf(run.view.run, selection.selectedLayer);
