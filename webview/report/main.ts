/** The page of a report: a run, or several side by side, drawn from what the file itself contains. */
import "../styles/panel.css";
import "../styles/frame.css";
import "../styles/spine.css";
import "../styles/charts.css";
import "../styles/compare.css";
import "../styles/flipped.css";
import "./report.css";
import { StepFocus } from "../charts/stepFocus";
import { decodeReport } from "../../engine/protocol/report";
import type { PanelActions } from "../panels/context";
import { type Selection, stepRange } from "../state/panelModel";
import { type Theme, observeTheme } from "../theme";
import { ComparisonPage } from "./comparisonPage";
import { modelOf, selectionOf, storeOf } from "./reportModel";
import { ReportPage } from "./reportPage";

const TIGHT_PX = 640;

const report = decodeReport(document.getElementById("report")?.textContent ?? "null");
const store = storeOf(report);
let selection = selectionOf(report);
let theme: Theme | null = null;

function choose(change: Partial<Selection>): void {
  selection = { ...selection, ...change };
  draw();
}

const resetSteps = (): void => choose({ zoom: null, pinnedStep: null });

const actions: PanelActions = {
  openView: (view) => document.getElementById(`figure-${view}`)?.scrollIntoView(),
  // Of other layers the file has no curves.
  selectLayer: (selectedLayer) => {
    if (report.runs[0].layers.includes(selectedLayer)) choose({ selectedLayer });
  },
  revealLayer: null,
  run: () => undefined,
  fold: () => undefined,
  pinStep: (pinnedStep) => choose({ pinnedStep }),
  saveFile: ({ name, base64 }) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes]));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  },
  togglePlaying: () => undefined,
  openRule: () => undefined,
  setMomentum: null,
  copyRecalibration: null,
  toggleAllFlipped: () => choose({ allFlipped: !selection.allFlipped }),
  replayWith: (replayedWeight) => choose({ replayedWeight }),
  alignBy: (alignBy) => choose({ alignBy }),
  toggleTables: () => choose({ showTables: !selection.showTables }),
  resetSteps,
};

const focus = new StepFocus({
  zoom: (zoom) => choose({ zoom }),
  pin: (pinnedStep) => choose({ pinnedStep }),
  reset: resetSteps,
});
const { comparison } = report;
const context = { focus, actions };
const page = comparison ? new ComparisonPage(report, comparison, context) : new ReportPage(report, context);

function draw(): void {
  if (!theme) return;
  const model = modelOf(store, report, selection);
  focus.range = stepRange(model);
  focus.last = Math.max(...report.runs.map(({ step }) => step));
  focus.pinned = selection.pinnedStep;
  page.update(model, { theme, narrow: true, tight: window.innerWidth < TIGHT_PX });
}

/** As the reader's system has it; on paper always light. */
function followSystem(): void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const dress = (isDark: boolean): void => {
    document.body.className = `report-page ${isDark ? "vscode-dark" : "vscode-light"}`;
  };
  dark.addEventListener("change", () => dress(dark.matches));
  window.addEventListener("beforeprint", () => dress(false));
  window.addEventListener("afterprint", () => dress(dark.matches));
  dress(dark.matches);
}

followSystem();
document.body.append(page.element);
observeTheme((changed) => {
  theme = changed;
  draw();
});
window.addEventListener("resize", draw);
document.addEventListener("keydown", ({ key }) => key === "Escape" && resetSteps());
