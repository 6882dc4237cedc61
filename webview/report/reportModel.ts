/** The document of a report as the panel's own model: one run, all of it there. */
import type { Report } from "../../engine/protocol/report";
import type { Look, RunView } from "../protocol";
import { type PanelModel, type Selection, firstSelection } from "../state/panelModel";
import { PanelStore } from "../state/store";

/** The page asks nobody for curves, so one look has them all. */
const LOOK: Look = { id: 1, needs: [], selectedLayer: null, pinnedStep: null, range: null, points: 0 };

export function storeOf({
  series,
  run,
  state,
  step,
  problem,
  judgement,
  replay,
  flipped,
  sampledSteps,
  label,
}: Report): PanelStore {
  const store = new PanelStore();
  store.lookSent(LOOK);
  const view: Omit<RunView, "id"> = {
    ...{ run, state, step, judgement, replay, flipped, sampledSteps },
    problem: problem as RunView["problem"],
    label,
    editedLayers: [],
    controllable: false,
    askable: false,
  };
  store.applySnapshot({ sequence: 1, look: LOOK.id, comparison: null, runs: [{ id: "run", changed: view, series }] });
  return store;
}

/** The worst layer is selected at first: it is what most readers want to see. */
export const selectionOf = ({ layers }: Report): Selection => ({ ...firstSelection, selectedLayer: layers[0] ?? null });

export const modelOf = (store: PanelStore, selection: Selection): PanelModel => ({
  runs: store.runs,
  selection,
  comparison: null,
  variants: null,
  heldRange: null,
  folded: new Set(),
  isPlaying: false,
});
