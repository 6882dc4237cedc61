/** The document of a report as the panel's own model, all of it there. */
import type { Report, ReportedRun } from "../../engine/protocol/report";
import type { Look, RunView } from "../protocol";
import { type PanelModel, type Selection, firstSelection } from "../state/panelModel";
import { PanelStore } from "../state/store";

/** The page asks nobody for curves, so one look has them all. */
const LOOK: Look = { id: 1, needs: [], selectedLayer: null, pinnedStep: null, range: null, points: 0 };

export function storeOf({ runs }: Report): PanelStore {
  const store = new PanelStore();
  store.lookSent(LOOK);
  store.applySnapshot({
    sequence: 1,
    look: LOOK.id,
    comparison: null,
    runs: runs.map((one, index) => ({ id: `run ${index}`, changed: viewOf(one), series: one.series })),
  });
  return store;
}

const viewOf = (reported: ReportedRun): Omit<RunView, "id"> => {
  const { run, label, state, step, sampledSteps, judgement, replay, flipped } = reported;
  return {
    ...{ run, label, state, step, sampledSteps, judgement, replay, flipped },
    problem: reported.problem as RunView["problem"],
    editedLayers: [],
    controllable: false,
    askable: false,
  };
};

/** The worst layer is selected at first: it is what most readers want to see. */
export const selectionOf = ({ runs: [{ layers }] }: Report): Selection => ({
  ...firstSelection,
  selectedLayer: layers[0] ?? null,
});

export const modelOf = (store: PanelStore, { comparison }: Report, selection: Selection): PanelModel => ({
  runs: store.runs,
  selection,
  comparison: null,
  variants: comparison,
  heldRange: null,
  folded: new Set(),
  isPlaying: false,
});
