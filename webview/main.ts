/** The panel's page: wires the host, the state and the frame together. */
import "./styles/panel.css";
import "./styles/frame.css";
import "./styles/spine.css";
import "./styles/charts.css";
import "./styles/compare.css";
import "./styles/flipped.css";
import { StepFocus } from "./charts/stepFocus";
import { connectToHost } from "./hostConnection";
import type { PanelActions } from "./panels/context";
import { Frame } from "./panels/frame";
import type { PanelState } from "./protocol";
import { Folding, foldableStages } from "./state/folding";
import { LookSender, type Wanted, wantedLook } from "./state/look";
import { type PanelModel, type Selection, firstSelection, lastStep, primaryRun } from "./state/panelModel";
import { RenderSchedule } from "./state/renderSchedule";
import { StepPlayer } from "./state/stepPlayer";
import { PanelStore } from "./state/store";
import { type Theme, observeTheme } from "./theme";
import { allViews, viewOf, viewsFor } from "./views/allViews";
import { situationOf } from "./views/drawChart";
import { needsOf, needsSamples } from "./views/needs";
import type { Situation, ViewSpec } from "./views/viewSpec";

const NARROW_PX = 1000;
const TIGHT_PX = 640;
const LOOK_AHEAD_MS = 300;

const store = new PanelStore();
const folding = new Folding();
let selection: Selection = firstSelection;
let theme: Theme | null = null;

function model(): PanelModel {
  const { runs, comparison, variants, answered } = store;
  const folded = folding.foldedNow(primaryRun({ runs })?.readings ?? [], selection.folded);
  const heldRange = answered?.range ?? null;
  return { runs, selection, comparison, variants, heldRange, folded, isPlaying: player.isPlaying };
}

const host = connectToHost({
  snapshot: (snapshot) => {
    store.applySnapshot(snapshot);
    saveState();
    schedule.requestForData();
  },
  delta: (delta) => {
    const before = store.answered;
    const outcome = store.applyDelta(delta);
    if (outcome === "gap") requestSnapshot();
    looks.answered(delta.look);
    // A person waits for the answer to what they did, so it is drawn at once; other data may wait.
    if (outcome === "applied" && store.answered !== before) schedule.request();
    else if (outcome === "applied") schedule.requestForData();
  },
  show: ({ view }) => choose({ view }),
});

const clock = {
  now: () => performance.now(),
  atNextFrame: (draw: () => void) => void requestAnimationFrame(draw),
  after: (milliseconds: number, act: () => void) => void setTimeout(act, milliseconds),
};

/** The first look is sent with `ready`, which tells the host that the page is loaded. */
const looks = new LookSender(
  clock,
  (look) => {
    store.lookSent(look);
    host.send(look.id === 1 ? "ready" : "look", { look });
  },
  (wanted) => store.missing(wanted),
);

function requestSnapshot(): void {
  const look = looks.again(wantedNow([viewOf(selection.view, store.runs)]));
  store.lookSent(look);
  host.send("ready", { look });
}

if (host.savedState) selection = { ...selection, ...restored(host.savedState) };

/** A panel saved with nothing folded may have had nothing to fold, so folding starts with its defaults. */
function restored(saved: PanelState): Partial<Selection> {
  const { view, selectedLayer, folded, zoom = null, pinnedStep = null, replayedWeight = null } = saved;
  const { showTables = false, allFlipped = false, alignBy = "step" } = saved;
  return {
    ...{ view, selectedLayer, zoom, pinnedStep, replayedWeight, showTables, allFlipped, alignBy },
    folded: folded.length > 0 ? folded : null,
  };
}

function choose(change: Partial<Selection>): void {
  const isMovingSteps = Object.keys(change).every((name) => name === "zoom" || name === "pinnedStep");
  selection = { ...selection, ...change };
  // A zoom and a dragged step change sixty times a second: they are saved when they stand still.
  if (isMovingSteps) saveSoon();
  else saveState();
  schedule.request();
}

let saved = "";

const SAVE_AFTER_MS = 300;
let saving = 0;

function saveSoon(): void {
  clearTimeout(saving);
  saving = window.setTimeout(saveState, SAVE_AFTER_MS);
}

function saveState(): void {
  const { view, selectedLayer, zoom, pinnedStep, replayedWeight, showTables, allFlipped, alignBy } = selection;
  const state = {
    ...{ runIds: store.runs.map(({ id }) => id), folded: [...model().folded] },
    ...{ selectedLayer, view, zoom, pinnedStep, replayedWeight, showTables, allFlipped, alignBy },
  };
  const key = JSON.stringify(state);
  if (key !== saved) host.saveState(state);
  saved = key;
}

/** Before the first snapshot, the runs are assumed to be those of the saved panel, all with BN. */
function situation(): Situation {
  if (store.runs.length > 0) return situationOf(store);
  const runs = Math.max(1, host.savedState?.runIds.length ?? 0);
  return { runs, normRuns: runs };
}

/** All views ask for the same number of points, so that they can share curves. */
function wantedNow(views: readonly ViewSpec[]): Wanted {
  const share = narrow.matches ? 1 : Math.max(...allViews.map(({ widest }) => widest));
  const pixels = frame.width * share * window.devicePixelRatio;
  const needs = new Map(
    views.flatMap((view) => needsOf(view, situation())).map((need) => [JSON.stringify(need), need]),
  );
  const showsSamples = situation().runs === 1 && needsSamples(viewOf(selection.view, store.runs));
  return wantedLook(selection, [...needs.values()], pixels, showsSamples);
}

const sendLook = (): void => looks.want(wantedNow([viewOf(selection.view, store.runs)]));

let idle = 0;

/**
 * For runs that have ended, requests the curves of the other views while the panel is idle, so that tabs open at once.
 */
function lookAhead(): void {
  clearTimeout(idle);
  idle = window.setTimeout(() => {
    if (!store.hasEnded || store.answered?.id !== looks.current?.id || selection.zoom !== null) return;
    const wanted = wantedNow(viewsFor(store.runs));
    if (store.missing(wanted).length > 0) looks.want(wanted);
  }, LOOK_AHEAD_MS);
}

const player = new StepPlayer({
  after: (milliseconds, act) => clock.after(milliseconds, act),
  pin: (pinnedStep) => choose({ pinnedStep }),
  lastStep: () => lastStep(store),
});

/** Whatever a person does with the steps ends the playing. */
function chooseSteps(change: Pick<Partial<Selection>, "zoom" | "pinnedStep">): void {
  player.stop();
  choose(change);
}

const resetSteps = (): void => chooseSteps({ zoom: null, pinnedStep: null });
/** If several runs are shown, commands go to the live run that this window controls. */
const commandedRun = () =>
  store.runs.find(({ isLive, view }) => isLive && (view.controllable || view.askable)) ?? primaryRun(store);

/** Selects a layer and unfolds its stage, so that it is visible. */
function selectLayer(selectedLayer: string): void {
  const { folded } = model();
  const readings = primaryRun(store)?.readings ?? [];
  const at = readings.findIndex(({ id }) => id === selectedLayer);
  const stage = foldableStages(readings).find(({ members, id }) => members.includes(at) && folded.has(id));
  choose({ selectedLayer, ...(stage ? { folded: [...folded].filter((id) => id !== stage.id) } : {}) });
}

const actions: PanelActions = {
  openView: (view) => choose({ view }),
  selectLayer,
  revealLayer: (layer, run = primaryRun(store)) => {
    if (run) host.send("revealLayer", { runId: run.id, layer });
  },
  run: (command) => {
    const run = commandedRun();
    if (run) host.send("command", { command, runId: run.id });
  },
  fold: (stage, folds) => {
    const others = [...model().folded].filter((id) => id !== stage);
    choose({ folded: folds ? [...others, stage] : others });
  },
  pinStep: (pinnedStep) => chooseSteps({ pinnedStep }),
  togglePlaying: () => {
    if (player.isPlaying) player.stop();
    else player.play(selection.pinnedStep);
    schedule.request();
  },
  saveFile: (file) => {
    const run = primaryRun(store);
    if (run) host.send("saveFile", { runId: run.id, file });
  },
  openRule: (rule) => host.send("openRule", { rule }),
  setMomentum: (weight) => {
    const run = primaryRun(store);
    if (run) host.send("setMomentum", { runId: run.id, weight });
  },
  copyRecalibration: () => {
    const run = primaryRun(store);
    if (run) host.send("copyRecalibration", { runId: run.id });
  },
  toggleAllFlipped: () => {
    choose({ allFlipped: !selection.allFlipped });
    // Below a narrow view's layers, which are there or not from now on.
    clock.atNextFrame(() => document.querySelector("[data-testid=flipped]")?.scrollIntoView());
  },
  replayWith: (replayedWeight) => choose({ replayedWeight }),
  alignBy: (alignBy) => choose({ alignBy }),
  toggleTables: () => choose({ showTables: !selection.showTables }),
  resetSteps,
};

const focus = new StepFocus({
  zoom: (zoom) => chooseSteps({ zoom }),
  pin: (pinnedStep) => chooseSteps({ pinnedStep }),
  reset: resetSteps,
});

const frame = new Frame({ focus, actions });
const narrow = window.matchMedia(`(max-width: ${NARROW_PX - 1}px)`);
const tight = window.matchMedia(`(max-width: ${TIGHT_PX}px)`);

const schedule = new RenderSchedule(clock, () => {
  if (theme) frame.update(model(), { theme, narrow: narrow.matches, tight: tight.matches });
  sendLook();
  lookAhead();
  markDrawn();
});

/**
 * Publishes which look was drawn and which was requested last, for tests and benchmarks that wait until they are the
 * same.
 */
function markDrawn(): void {
  const { dataset } = document.body;
  dataset["view"] = selection.view;
  dataset["sentLook"] = String(looks.current?.id ?? 0);
  dataset["drawnLook"] = String(store.answered?.id ?? 0);
  if (store.answered) dataset["firstDrawnMs"] ??= String(Date.now());
}

document.body.append(frame.element);
observeTheme((changed) => {
  theme = changed;
  schedule.request();
});
for (const query of [narrow, tight]) query.addEventListener("change", () => schedule.request());
window.addEventListener("resize", () => schedule.requestForData());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") resetSteps();
  if ((event.key === "p" || event.key === "P") && focus.hoveredStep !== null) focus.actions.pin(focus.hoveredStep);
});
sendLook();
