/** Everything a view is drawn from: the runs, and what the person selected. */
import type { Comparison } from "../../engine/protocol/comparison";
import type { Verdict, ViewId } from "../../engine/protocol/judgement";
import { type NormLayer, selectedLayerOf } from "../../engine/protocol/records";
import type { Alignment } from "../protocol";
import type { RunModel } from "./runModel";
import type { Range } from "./store";

export interface Selection {
  readonly view: ViewId;
  /** A layer's ID. */
  readonly selectedLayer: string | null;
  /** The steps shown in every chart; null for all. */
  readonly zoom: Range | null;
  readonly pinnedStep: number | null;
  readonly showTables: boolean;
  /** Whether Train vs eval shows all that is known of samples that flip, in place of its layers. */
  readonly allFlipped: boolean;
  /** The momentum that running statistics are replayed with, as the weight of the new batch; null for the run's own. */
  readonly replayedWeight: number | null;
  /** The stages that a person left folded; null until one was folded or unfolded. */
  readonly folded: readonly string[] | null;
  readonly alignBy: Alignment;
}

export const firstSelection: Selection = {
  view: "overview",
  selectedLayer: null,
  zoom: null,
  pinnedStep: null,
  showTables: false,
  allFlipped: false,
  replayedWeight: null,
  folded: null,
  alignBy: "step",
};

export interface PanelModel {
  readonly runs: readonly RunModel[];
  readonly selection: Selection;
  /** The comparison of the runs; null for one run. */
  readonly comparison: Verdict | null;
  readonly variants: Comparison | null;
  /** The steps whose curves the panel has; null for all. They may lag behind the zoom. */
  readonly heldRange: Range | null;
  /** Ids of the stages that are folded now. */
  readonly folded: ReadonlySet<string>;
  /** Whether the pinned step moves by itself. */
  readonly isPlaying: boolean;
}

/** The run whose layers are shown: the first with BN, else the first. */
export const primaryRun = ({ runs }: Pick<PanelModel, "runs">): RunModel | undefined =>
  runs.find((run) => run.hasBatchNorm) ?? runs[0];

/** The panel of a live run follows its newest step until a person zooms or pins. */
export const isFollowing = ({ zoom, pinnedStep }: Selection): boolean => zoom === null && pinnedStep === null;

export const lastStep = ({ runs }: Pick<PanelModel, "runs">): number =>
  Math.max(0, ...runs.map(({ view }) => view.step));

/** The steps charts show. */
export const stepRange = (model: Pick<PanelModel, "runs" | "selection">): Range =>
  model.selection.zoom ?? [0, Math.max(1, lastStep(model))];

export const selectedLayer = (run: RunModel | undefined, selection: Selection): NormLayer | undefined =>
  run && selectedLayerOf(run.view.run, selection.selectedLayer);
