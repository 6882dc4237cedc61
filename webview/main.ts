/** The panel's page: wires the host, the state and the frame together. */
import "./styles/panel.css";
import "./styles/frame.css";
import "./styles/spine.css";
import "./styles/charts.css";
import { StepFocus } from "./charts/stepFocus";
import { connectToHost } from "./hostConnection";
import type { PanelActions } from "./panels/context";
import { Frame } from "./panels/frame";
import { type PanelModel, type Selection, firstSelection, primaryRun } from "./state/panelModel";
import { RenderSchedule } from "./state/renderSchedule";
import { PanelStore } from "./state/store";
import { type Theme, observeTheme } from "./theme";

const NARROW_PX = 1000;
const TIGHT_PX = 640;

const store = new PanelStore();
let selection: Selection = firstSelection;
let theme: Theme | null = null;

const model = (): PanelModel => ({ runs: store.runs, selection });

const host = connectToHost({
  snapshot: (snapshot) => {
    store.applySnapshot(snapshot);
    saveState();
    schedule.requestForData();
  },
  delta: (delta) => {
    const outcome = store.applyDelta(delta);
    if (outcome === "gap") host.send("ready", {});
    if (outcome === "applied") schedule.requestForData();
  },
});

if (host.savedState)
  selection = { ...selection, view: host.savedState.view, selectedLayer: host.savedState.selectedLayer };

function choose(change: Partial<Selection>): void {
  selection = { ...selection, ...change };
  saveState();
  schedule.request();
}

function saveState(): void {
  host.saveState({
    runIds: store.runs.map(({ id }) => id),
    selectedLayer: selection.selectedLayer,
    view: selection.view,
  });
}

const resetSteps = (): void => choose({ zoom: null, pinnedStep: null });
/** Commands that steer are about the run that can be steered, where two are shown. */
const commandedRun = () => store.runs.find(({ isLive, view }) => isLive && view.controllable) ?? primaryRun(model());

const actions: PanelActions = {
  openView: (view) => choose({ view }),
  selectLayer: (selectedLayer) => choose({ selectedLayer }),
  revealLayer: (layer) => {
    const run = primaryRun(model());
    if (run) host.send("revealLayer", { runId: run.id, layer });
  },
  run: (command) => {
    const run = commandedRun();
    if (run) host.send("command", { command, runId: run.id });
  },
  toggleTables: () => choose({ showTables: !selection.showTables }),
  resetSteps,
};

const focus = new StepFocus({
  zoom: (zoom) => choose({ zoom }),
  pin: (pinnedStep) => choose({ pinnedStep }),
  reset: resetSteps,
});

const frame = new Frame({ focus, actions });
const narrow = window.matchMedia(`(max-width: ${NARROW_PX - 1}px)`);
const tight = window.matchMedia(`(max-width: ${TIGHT_PX}px)`);

const schedule = new RenderSchedule(
  {
    now: () => performance.now(),
    atNextFrame: (draw) => requestAnimationFrame(draw),
    after: (milliseconds, draw) => setTimeout(draw, milliseconds),
  },
  () => {
    if (theme) frame.update(model(), { theme, narrow: narrow.matches, tight: tight.matches });
  },
);

document.body.append(frame.element);
observeTheme((changed) => {
  theme = changed;
  schedule.request();
});
for (const query of [narrow, tight]) query.addEventListener("change", () => schedule.request());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") resetSteps();
  if ((event.key === "p" || event.key === "P") && focus.hoveredStep !== null) focus.actions.pin(focus.hoveredStep);
});
host.send("ready", {});
