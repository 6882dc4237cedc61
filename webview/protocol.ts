/**
 * The messages between the extension host and a run's panel (vscode-jsonrpc over postMessage). The host owns the runs
 * and judges them. A panel says what it shows, and gets only that, at the resolution of its pixels, and then what is
 * new. Updates are numbered, so that a panel notices a gap and sends `ready` again. At most four updates a second.
 */
import type { Comparison } from "../engine/protocol/comparison";
import type { FlippedSamples } from "../engine/protocol/flippedSamples";
import type { Judgement, RunState, Verdict, VerdictCommand, ViewId } from "../engine/protocol/judgement";
import type { Problem } from "../engine/protocol/problems";
import type { RunRecord } from "../engine/protocol/records";
import type { Replay } from "../engine/protocol/replay";
import type { SeriesBlock, SeriesNeed } from "../engine/protocol/series";

/** What a panel shows now. */
export interface Look {
  /** Grows by one with each look; an update says which one it answers. */
  readonly id: number;
  readonly needs: readonly SeriesNeed[];
  /** A layer's id; null for the first normalization layer of each run. */
  readonly selectedLayer: string | null;
  /** The step to judge at; null for the newest. */
  readonly pinnedStep: number | null;
  /** Steps to send; null for all of them. */
  readonly range: readonly [from: number, to: number] | null;
  /** Number of points that can be distinguished in that range: its width in device pixels. */
  readonly points: number;
  /** Whether samples that flip are shown: their file is not read before. */
  readonly showsSamples?: boolean;
}

/** One run as a panel sees it, without its curves. */
export interface RunView {
  readonly id: string;
  readonly state: RunState;
  /** The name that a person gave it; null for none. */
  readonly label: string | null;
  /** Null until the run record has been read. */
  readonly run: RunRecord | null;
  readonly step: number;
  /** Null until there is something to judge. */
  readonly judgement: Judgement | null;
  /** What other momenta would have given; null where that was not recorded. */
  readonly replay: Replay | null;
  /** Samples that flip; null where none were recorded, or they are not shown. */
  readonly flipped: FlippedSamples | null;
  /** Why it ended, in words; null when there is nothing to explain. */
  readonly problem: { readonly code: Problem["code"]; readonly sentence: string; readonly action: string } | null;
  /** Ids of layers whose source line was edited since the run. */
  readonly editedLayers: readonly string[];
  /** True when this window can pause, resume and stop the run. */
  readonly controllable: boolean;
  /** True while the recorder of a person's own training can be asked for a probe, or to stop. */
  readonly askable: boolean;
  /** Steps at which BN layers were sampled. */
  readonly sampledSteps: number;
}

/** What is new in a run: the fields that changed (all of them in a snapshot), and points of curves. */
export interface RunUpdate {
  readonly id: string;
  readonly changed: Partial<Omit<RunView, "id">>;
  readonly series: readonly SeriesBlock[];
}

export interface PanelUpdate {
  /** One more than in the update before; anything else is a gap. */
  readonly sequence: number;
  /** The look that its curves answer. */
  readonly look: number;
  /** In a snapshot every run of the panel, A first; in a delta the runs in which something is new. */
  readonly runs: readonly RunUpdate[];
  /** The comparison of the runs; null if the panel shows only one. */
  readonly comparison: Verdict | null;
  /** The runs as variants; absent while it is what was sent before, and in a panel of one run. */
  readonly variants?: Comparison | null;
}

type PackedBlock = Omit<SeriesBlock, "x" | "values"> & {
  readonly points: number;
  readonly stepsAt: number;
  readonly valuesAt: number;
};

/**
 * An update as it is sent: all numbers in two arrays. VS Code sends every array buffer of a webview message as a
 * separate argument and counts them in one byte, so a message with more than 254 of them loses the rest.
 */
export interface PackedUpdate extends Omit<PanelUpdate, "runs"> {
  readonly runs: readonly (Omit<RunUpdate, "series"> & { readonly series: readonly PackedBlock[] })[];
  readonly steps: Float64Array;
  readonly values: Float32Array;
}

export function packUpdate({ runs, ...update }: PanelUpdate): PackedUpdate {
  const blocks = runs.flatMap(({ series }) => series);
  const steps = new Float64Array(blocks.reduce((sum, { x }) => sum + x.length, 0));
  const values = new Float32Array(blocks.reduce((sum, block) => sum + block.values.length, 0));
  let stepsAt = 0;
  let valuesAt = 0;
  const pack = ({ x, values: own, ...rest }: SeriesBlock): PackedBlock => {
    const packed = { ...rest, points: x.length, stepsAt, valuesAt };
    steps.set(x, stepsAt);
    values.set(own, valuesAt);
    stepsAt += x.length;
    valuesAt += own.length;
    return packed;
  };
  return { ...update, runs: runs.map((run) => ({ ...run, series: run.series.map(pack) })), steps, values };
}

export function unpackUpdate({ runs, steps, values, ...update }: PackedUpdate): PanelUpdate {
  const unpack = ({ points, stepsAt, valuesAt, ...rest }: PackedBlock): SeriesBlock => {
    const count = (rest.layers?.length ?? 1) * rest.columns.length * rest.edges.length * points;
    return {
      ...rest,
      x: steps.subarray(stepsAt, stepsAt + points),
      values: values.subarray(valuesAt, valuesAt + count),
    };
  };
  return { ...update, runs: runs.map((run) => ({ ...run, series: run.series.map(unpack) })) };
}

/** What VS Code keeps for the panel when the window is reloaded. */
export interface PanelState {
  readonly runIds: readonly string[];
  readonly selectedLayer: string | null;
  readonly view: ViewId;
  /** Stages whose layers are folded into one row. */
  readonly folded: readonly string[];
  /** Absent in panels of earlier versions. */
  readonly zoom?: readonly [from: number, to: number] | null;
  readonly pinnedStep?: number | null;
  readonly replayedWeight?: number | null;
  readonly showTables?: boolean;
  readonly allFlipped?: boolean;
  readonly alignBy?: Alignment;
}

/** By what the charts of several runs are aligned. */
export type Alignment = "step" | "epoch" | "time";

/** Something that a panel gives a person to keep. */
export interface SavedFile {
  /** What it is called unless a person says otherwise. */
  readonly name: string;
  readonly base64: string;
}

/** Method names and their parameters, host to panel. All are notifications. */
export interface HostToPanel {
  /** Every run of the panel, complete. */
  snapshot: PackedUpdate;
  delta: PackedUpdate;
  /** Opens a view. */
  show: { readonly view: ViewId };
}

/**
 * Panel to host. `ready` is answered with a snapshot, also after a gap; `look` with a delta that has its curves from
 * the start.
 */
export interface PanelToHost {
  ready: { readonly look: Look };
  look: { readonly look: Look };
  command: { readonly command: VerdictCommand; readonly runId: string };
  revealLayer: { readonly runId: string; readonly layer: string };
  /** Writes this weight of the new batch into the model's file, as the momentum of its BN layers. */
  setMomentum: { readonly runId: string; readonly weight: number };
  /** Puts the lines that recalibrate such a model on the clipboard. */
  copyRecalibration: { readonly runId: string };
  /** Asks where, and writes it there. */
  saveFile: { readonly runId: string; readonly file: SavedFile };
  /** Opens the page about a rule. */
  openRule: { readonly rule: string };
}
