/** Stands in for the extension's side of a panel: answers looks from numbers it makes up, and grows live runs. */
import type { Verdict } from "../../../engine/protocol/judgement";
import type { Edge, SeriesBlock, SeriesNeed } from "../../../engine/protocol/series";
import { selectedLayerOf } from "../../../engine/protocol/records";
import type { Look, PanelUpdate, RunUpdate, RunView } from "../../../webview/protocol";
import { comparisonOf } from "./syntheticComparison";
import { type JudgementExtras, judgementOf } from "./syntheticJudgement";
import { replayOf } from "./syntheticReplay";
import type { SyntheticRun } from "./syntheticRun";

export interface HostedRun extends JudgementExtras {
  readonly run: SyntheticRun;
  readonly view?: Partial<Omit<RunView, "id" | "step">>;
  /** Steps that it takes between two updates; 0 for a run that has ended. */
  readonly stepsAnUpdate?: number;
}

export interface Scenario {
  readonly runs: readonly HostedRun[];
  readonly comparison?: Verdict;
}

const UPDATE_EVERY_MS = 100;

export class SyntheticHost {
  private look: Look | null = null;
  private sequence = 0;
  /** Points sent for this look, by run and need. */
  private readonly sent = new Map<string, number>();

  constructor(
    private readonly scenario: Scenario,
    private readonly say: (method: "snapshot" | "delta", update: PanelUpdate) => void,
  ) {}

  ready(look: Look): void {
    const isFirst = this.look === null;
    this.answer("snapshot", look, (hosted) => this.viewOf(hosted));
    if (isFirst && this.scenario.runs.some(({ stepsAnUpdate = 0 }) => stepsAnUpdate > 0))
      setInterval(() => this.grow(), UPDATE_EVERY_MS);
  }

  looked(look: Look): void {
    const repinned = look.pinnedStep !== (this.look?.pinnedStep ?? null);
    this.answer("delta", look, (hosted) => (repinned ? { judgement: this.viewOf(hosted).judgement ?? null } : {}));
  }

  private answer(method: "snapshot" | "delta", look: Look, changed: (hosted: HostedRun) => RunUpdate["changed"]): void {
    this.look = look;
    this.sent.clear();
    this.send(
      method,
      this.scenario.runs.map((hosted) => ({
        id: hosted.run.id,
        changed: changed(hosted),
        series: this.blocksOf(hosted.run),
      })),
    );
  }

  private grow(): void {
    const growing = this.scenario.runs.filter(({ run, stepsAnUpdate = 0 }) => {
      const planned = run.record.plannedSteps ?? Number.POSITIVE_INFINITY;
      if (stepsAnUpdate === 0 || run.step >= planned) return false;
      run.step = Math.min(planned, run.step + stepsAnUpdate);
      return true;
    });
    if (growing.length === 0) return;
    const updates = growing.map((hosted): RunUpdate => {
      const { state = "running", judgement = null } = this.viewOf(hosted);
      const ended = hosted.run.step >= (hosted.run.record.plannedSteps ?? Number.POSITIVE_INFINITY);
      const changed = { step: hosted.run.step, judgement, state: ended ? ("completed" as const) : state };
      return { id: hosted.run.id, changed, series: this.blocksOf(hosted.run) };
    });
    this.send("delta", updates);
  }

  private send(method: "snapshot" | "delta", runs: readonly RunUpdate[]): void {
    const look = this.look?.id ?? 0;
    const { comparison = null, runs: hosted } = this.scenario;
    const variants = method === "snapshot" ? { variants: comparisonOf(hosted) } : {};
    this.say(method, { sequence: ++this.sequence, look, runs, comparison, ...variants });
  }

  private viewOf({ run, view = {}, ...extras }: HostedRun): RunUpdate["changed"] {
    const started = view.run !== null;
    return {
      state: "completed",
      run: run.record,
      step: run.step,
      judgement: started ? judgementOf(run, this.look?.pinnedStep ?? null, extras) : null,
      replay: started ? replayOf(run, this.look?.pinnedStep ?? null) : null,
      flipped: null,
      problem: null,
      editedLayers: [],
      controllable: false,
      askable: false,
      sampledSteps: 0,
      label: null,
      ...view,
    };
  }

  private blocksOf(run: SyntheticRun): SeriesBlock[] {
    return (this.look?.needs ?? []).flatMap((need, index) => this.blocksOfNeed(run, need, `${run.id} ${index}`));
  }

  /** Layers that do not have the same columns come in blocks of their own. */
  private blocksOfNeed(run: SyntheticRun, need: SeriesNeed, key: string): SeriesBlock[] {
    if (!this.look || run.step === 0) return [];
    const byColumns = new Map<string, { columns: string[]; layers: string[] | null }>();
    for (const column of need.columns) {
      const layers = layersOf(run, need, column, this.look.selectedLayer);
      const group = layers?.join() ?? "";
      const known = byColumns.get(group) ?? { columns: [], layers };
      known.columns.push(column);
      byColumns.set(group, known);
    }
    return [...byColumns.values()]
      .filter(({ layers }) => layers === null || layers.length > 0)
      .flatMap((group, index) => this.block(run, need, { ...group, key: `${key} ${index}` }));
  }

  private block(
    run: SyntheticRun,
    { kind, edges }: SeriesNeed,
    { columns, layers, key }: { columns: readonly string[]; layers: readonly string[] | null; key: string },
  ): SeriesBlock[] {
    if (!this.look) return [];
    const [from, to] = this.look.range ?? [0, Number.POSITIVE_INFINITY];
    const steps = run.stepsOf(kind, from, to);
    const bins = binsOf(steps, this.look.points);
    const known = this.sent.get(key) ?? 0;
    const start = bins.every(({ length }) => length === 1) ? known : 0;
    this.sent.set(key, bins.length);
    if (start > 0 && start === bins.length) return [];
    const fresh = bins.slice(start);
    const values = new Float32Array((layers?.length ?? 1) * columns.length * edges.length * fresh.length);
    let at = 0;
    for (const layer of layers ?? [null])
      for (const column of columns) {
        const curve = run.curve(kind, column, layer);
        for (const edge of edges) for (const bin of fresh) values[at++] = edgeOf(bin, edge, curve);
      }
    return [{ kind, layers, columns, edges, start, x: Float64Array.from(fresh, (bin) => bin.at(-1) ?? 0), values }];
  }
}

function layersOf(run: SyntheticRun, need: SeriesNeed, column: string, selected: string | null): string[] | null {
  if (need.layers === "run") return null;
  const all = run.layersOf(need.kind, column);
  if (need.layers === "all") return [...all];
  const chosen = selectedLayerOf(run.record, selected)?.id;
  return all.filter((layer) => layer === chosen);
}

function binsOf(steps: readonly number[], points: number): number[][] {
  if (steps.length <= points) return steps.map((step) => [step]);
  return Array.from({ length: points }, (_, bin) =>
    steps.slice(Math.floor((bin * steps.length) / points), Math.floor(((bin + 1) * steps.length) / points)),
  );
}

function edgeOf(bin: readonly number[], edge: Edge, value: (step: number) => number): number {
  if (edge === "last" || bin.length === 1) return value(bin.at(-1) ?? 0);
  const values = bin.map(value);
  return edge === "minimum" ? Math.min(...values) : Math.max(...values);
}
