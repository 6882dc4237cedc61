/**
 * What the extension host and a run's panel say to each other (vscode-jsonrpc over postMessage). The host owns the
 * runs; a panel gets a snapshot when it opens or is shown again, then deltas that say where they begin, so that a gap
 * is noticed and answered with a new snapshot. At most ten messages a second; numbers travel as typed arrays.
 */
import type { Problem } from "../engine/protocol/problems";
import type { RunRecord, RunStatus } from "../engine/protocol/records";
import type { SeriesKey } from "../engine/protocol/seriesColumns";

/** Where a run stands: `starting` until its first record, then as its records and its process say. */
export type RunState = "starting" | "running" | "paused" | "interrupted" | RunStatus;

/** Points of one series; columns in the order of engine/protocol/seriesColumns. */
export interface SeriesSlice {
  readonly key: SeriesKey;
  /** A delta may only follow points of the same version. */
  readonly version: number;
  /** Index of the first point. 0 replaces the series. */
  readonly start: number;
  readonly x: Float64Array;
  readonly columns: readonly Float32Array[];
  /** Envelope of merged points: differs from `columns` only once a series has been thinned. */
  readonly minima: readonly Float32Array[];
  readonly maxima: readonly Float32Array[];
}

/** One recorded run as a panel sees it. */
export interface RunView {
  readonly id: string;
  readonly state: RunState;
  /** Null until the run record has been read. */
  readonly run: RunRecord | null;
  readonly step: number;
  /** Why it ended, in words; null when there is nothing to explain. */
  readonly problem: { readonly code: Problem["code"]; readonly sentence: string; readonly action: string } | null;
  /** Lines of the log that did not fit the schema and were skipped. */
  readonly badLines: readonly number[];
  /** Names of layers whose source line was edited since the run. */
  readonly editedLayers: readonly string[];
  /** True when this window can pause, resume and stop the run. */
  readonly controllable: boolean;
}

/** Everything a panel shows: one run, or two that are compared (A first). */
export interface PanelSnapshot {
  readonly sequence: number;
  readonly runs: readonly (RunView & { readonly series: readonly SeriesSlice[] })[];
}

export interface PanelDelta {
  /** One more than the snapshot's or delta's before it; anything else is a gap. */
  readonly sequence: number;
  readonly runs: readonly (RunView & { readonly series: readonly SeriesSlice[] })[];
}

export type PanelCommand = "pause" | "resume" | "stop" | "trainAgain" | "compare" | "revealFolder" | "openModelFile";

/** What survives a reload of the window: kept by VS Code for the panel. */
export interface PanelState {
  readonly runIds: readonly string[];
  readonly selectedLayer: string | null;
  readonly view: PanelViewName;
}

export const panelViewNames = ["overview", "drift", "convergence", "gap"] as const;
export type PanelViewName = (typeof panelViewNames)[number];

/** Method names and their parameters, host to panel. All are notifications. */
export interface HostToPanel {
  snapshot: PanelSnapshot;
  delta: PanelDelta;
}

/** Panel to host. `ready` is answered with a snapshot; so is `ready` after a gap. */
export interface PanelToHost {
  ready: Record<string, never>;
  command: { readonly command: PanelCommand; readonly runId: string };
  revealLayer: { readonly runId: string; readonly layer: string };
}
