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

export type RunUpdate = RunView & { readonly series: readonly SeriesSlice[] };

/** A snapshot holds everything a panel shows: one run, or two that are compared (A first). A delta holds what is new. */
export interface PanelUpdate {
  /** One more than the update's before it; anything else is a gap. */
  readonly sequence: number;
  readonly runs: readonly RunUpdate[];
}

/** Where a slice's numbers lie in an update's `numbers`: x, columns, then, when it has one, the envelope's minima and maxima. */
export interface PackedSlice {
  readonly key: SeriesKey;
  readonly version: number;
  readonly start: number;
  readonly length: number;
  readonly columns: number;
  readonly hasEnvelope: boolean;
  readonly offset: number;
}

/**
 * An update as it travels: all numbers in one array. VS Code sends every array buffer of a webview message as an
 * argument of its own and counts them in one byte, so a message with more than 254 of them loses the rest. Steps are
 * float32 on the way: exact up to 16,777,216.
 */
export interface PackedUpdate {
  readonly sequence: number;
  readonly runs: readonly (RunView & { readonly series: readonly PackedSlice[] })[];
  readonly numbers: Float32Array;
}

export function packUpdate({ sequence, runs }: PanelUpdate): PackedUpdate {
  const arrays: ArrayLike<number>[] = [];
  let offset = 0;
  const packSlice = ({ key, version, start, x, columns, minima, maxima }: SeriesSlice): PackedSlice => {
    const hasEnvelope = version > 0;
    const packed = { key, version, start, length: x.length, columns: columns.length, hasEnvelope, offset };
    arrays.push(x, ...columns, ...(hasEnvelope ? [...minima, ...maxima] : []));
    offset += x.length * (1 + columns.length * (hasEnvelope ? 3 : 1));
    return packed;
  };
  const packedRuns = runs.map((run) => ({ ...run, series: run.series.map(packSlice) }));
  const numbers = new Float32Array(offset);
  let at = 0;
  for (const array of arrays) {
    numbers.set(array, at);
    at += array.length;
  }
  return { sequence, runs: packedRuns, numbers };
}

export function unpackUpdate({ sequence, runs, numbers }: PackedUpdate): PanelUpdate {
  const unpackSlice = ({ key, version, start, length, columns, hasEnvelope, offset }: PackedSlice): SeriesSlice => {
    const column = (index: number): Float32Array =>
      numbers.subarray(offset + index * length, offset + (index + 1) * length);
    const group = (first: number): Float32Array[] =>
      Array.from({ length: columns }, (_, index) => column(first + index));
    const values = group(1);
    // A series that was never thinned is its own envelope.
    const [minima, maxima] = hasEnvelope ? [group(1 + columns), group(1 + 2 * columns)] : [values, values];
    return { key, version, start, x: Float64Array.from(column(0)), columns: values, minima, maxima };
  };
  return { sequence, runs: runs.map((run) => ({ ...run, series: run.series.map(unpackSlice) })) };
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
  snapshot: PackedUpdate;
  delta: PackedUpdate;
}

/** Panel to host. `ready` is answered with a snapshot; so is `ready` after a gap. */
export interface PanelToHost {
  ready: Record<string, never>;
  command: { readonly command: PanelCommand; readonly runId: string };
  revealLayer: { readonly runId: string; readonly layer: string };
}
