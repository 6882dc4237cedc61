/** Recorded runs as the messages a host would send; `node scenarios.js RUNS NAME` prints them as JSON. */
import { join } from "node:path";
import { describeProblem } from "../../../engine/protocol/problems";
import type { AnyRecord, EndRecord, RunRecord } from "../../../engine/protocol/records";
import { RunReader } from "../../../engine/runs/runReader";
import { RunSeries } from "../../../engine/runs/runSeries";
import type { PanelUpdate, RunState, RunView, SeriesSlice } from "../../../webview/protocol";
import { encodeMessage } from "./messageCodec";
import { syntheticSnapshot } from "./synthetic";

export interface Playback {
  readonly snapshot: PanelUpdate;
  /** Sent one after the other, ten a second. */
  readonly deltas: readonly PanelUpdate[];
}

type RunMessage = PanelUpdate["runs"][number];

interface PlayOptions {
  /** Leaves out what came after this step. */
  readonly until?: number;
  readonly state?: RunState;
  readonly change?: Partial<RunView>;
}

const readRecords = (folder: string, name: string): readonly AnyRecord[] =>
  new RunReader(join(folder, name)).readNew().records;
const stepOf = (record: AnyRecord): number => ("step" in record ? record.step : 0);

function viewOf(name: string, records: readonly AnyRecord[], { state, change }: PlayOptions): RunView {
  const end = records.find((record): record is EndRecord => record.type === "end");
  const problem = end?.reason ? { code: end.reason.code, ...describeProblem(end.reason) } : null;
  return {
    id: name,
    state: state ?? end?.status ?? "interrupted",
    run: records.find((record): record is RunRecord => record.type === "run") ?? null,
    step: Math.max(0, ...records.filter(({ type }) => type === "step").map(stepOf)),
    problem,
    badLines: [],
    editedLayers: [],
    controllable: state === "running" || state === "paused",
    ...change,
  };
}

function slicesFrom(series: RunSeries, sent: ReadonlyMap<string, { version: number; length: number }>): SeriesSlice[] {
  return series.keys.flatMap((key) => {
    const grown = series.get(key);
    if (!grown) return [];
    const known = sent.get(key);
    const start = known?.version === grown.version ? known.length : 0;
    return grown.length === start && known ? [] : [{ key, start, ...grown.pointsFrom(start) }];
  });
}

export function recorded(folder: string, name: string, options: PlayOptions = {}): RunMessage {
  const { until = Number.POSITIVE_INFINITY } = options;
  const records = readRecords(folder, name).filter((record) => stepOf(record) <= until);
  const series = new RunSeries();
  for (const record of records) series.append(record);
  return { ...viewOf(name, records, options), series: slicesFrom(series, new Map()) };
}

/** The first part as a snapshot, the rest as deltas of `stepsADelta` steps. */
function live(folder: string, name: string, from: number, stepsADelta: number): Playback {
  const all = readRecords(folder, name);
  const last = Math.max(...all.map(stepOf));
  const series = new RunSeries();
  const sent = new Map<string, { version: number; length: number }>();
  const take = (after: number, to: number): RunMessage => {
    for (const record of all) if (stepOf(record) > after && stepOf(record) <= to) series.append(record);
    const upTo = all.filter((record) => stepOf(record) <= to);
    const message = { ...viewOf(name, upTo, to < last ? { state: "running" } : {}), series: slicesFrom(series, sent) };
    for (const key of series.keys) {
      const grown = series.get(key);
      if (grown) sent.set(key, { version: grown.version, length: grown.length });
    }
    return message;
  };
  const snapshot: PanelUpdate = { sequence: 1, runs: [take(-1, from)] };
  const deltas: PanelUpdate[] = [];
  for (let step = from; step < last; step += stepsADelta) {
    deltas.push({ sequence: deltas.length + 2, runs: [take(step, Math.min(last, step + stepsADelta))] });
  }
  return { snapshot, deltas };
}

const still = (...runs: readonly RunMessage[]): Playback => ({ snapshot: { sequence: 1, runs }, deltas: [] });
const running = (until: number): PlayOptions => ({ until, state: "running" });

export const scenarios: Readonly<Record<string, (folder: string) => Playback>> = {
  healthy: (folder) => still(recorded(folder, "healthy")),
  healthyLive: (folder) => still(recorded(folder, "healthy", running(1240))),
  paused: (folder) => still(recorded(folder, "healthy", { until: 800, state: "paused" })),
  early: (folder) => still(recorded(folder, "healthy", running(20))),
  starting: (folder) => still({ ...recorded(folder, "healthy", { until: -1 }), state: "starting", run: null }),
  stale: (folder) => still(recorded(folder, "stale")),
  settled: (folder) => still(recorded(folder, "settled")),
  withoutBn: (folder) => still(recorded(folder, "plain")),
  compare: (folder) => still(recorded(folder, "healthy"), recorded(folder, "plain")),
  compareLive: (folder) => still(recorded(folder, "healthy", running(600)), recorded(folder, "plain", running(420))),
  compareBn: (folder) => still(recorded(folder, "settled"), recorded(folder, "stale")),
  diverged: (folder) => still(recorded(folder, "diverged")),
  divergedBn: (folder) => still(recorded(folder, "divergedBn")),
  interrupted: (folder) => still(recorded(folder, "settled", { until: 180, state: "interrupted" })),
  failed: (folder) => {
    const problem = { code: "disk-full", path: ".normlens/runs/run.jsonl" } as const;
    return still(
      recorded(folder, "settled", {
        until: 120,
        state: "failed",
        change: { problem: { code: problem.code, ...describeProblem(problem) } },
      }),
    );
  },
  badLines: (folder) =>
    still(recorded(folder, "healthy", { change: { badLines: [12, 40, 41, 77], editedLayers: ["bn2"] } })),
  live: (folder) => live(folder, "healthy", 30, 20),
  large: () => ({ snapshot: syntheticSnapshot({ layers: 50, points: 4096 }), deltas: [] }),
  huge: () => ({ snapshot: syntheticSnapshot({ layers: 200, points: 1000 }), deltas: [] }),
};

const [folder, name] = process.argv.slice(2);
const scenario = scenarios[name ?? ""];
if (!folder || !scenario) throw new Error(`usage: node scenarios.js RUNS ${Object.keys(scenarios).join("|")}`);
process.stdout.write(encodeMessage(scenario(folder)));
