/**
 * A run, folded record by record: what everything that shows a run knows of it. Dense numbers pass by; only the newest
 * sample of each layer and what is summed up over steps stay.
 */
import type { Finding } from "../protocol/finding";
import type { Sample } from "../protocol/numbers";
import {
  type AnyRecord,
  type CheckpointRecord,
  type EndRecord,
  type EvalRecord,
  type GapRecord,
  type NormLayer,
  normLayersOf,
  type PassesRecord,
  type PopulationRecord,
  type RunLayer,
  type RunRecord,
  type SegmentRecord,
  type StandingRecord,
  withLayers,
} from "../protocol/records";
import { LossAverage } from "./lossAverage";

export class RunSummary {
  run: RunRecord | null = null;
  end: EndRecord | null = null;
  /** The last step that left a trace of any kind. */
  lastStep = 0;
  /** By step, oldest first. */
  readonly evals: EvalRecord[] = [];
  readonly populations: PopulationRecord[] = [];
  readonly gaps: GapRecord[] = [];
  readonly segments: SegmentRecord[] = [];
  readonly checkpoints: CheckpointRecord[] = [];
  readonly passes: PassesRecord[] = [];
  readonly standings: StandingRecord[] = [];
  readonly findings: Finding[] = [];
  /** The newest sample of each table of layers. */
  readonly samples = new Map<string, Sample>();
  readonly loss = new LossAverage();
  private layers: readonly NormLayer[] = [];
  private changes = 0;

  /** Grows whenever something came in that a judgement depends on, but for single steps. */
  get version(): number {
    return this.changes;
  }

  /** Normalization layers, input to output. */
  get normLayers(): readonly NormLayer[] {
    return this.layers;
  }

  reset(): void {
    this.run = null;
    this.end = null;
    this.lastStep = 0;
    const { evals, populations, gaps, segments, checkpoints, passes, standings, findings } = this;
    for (const list of [evals, populations, gaps, segments, checkpoints, passes, standings, findings]) list.length = 0;
    this.samples.clear();
    this.loss.reset();
    this.layers = [];
    this.changes += 1;
  }

  record(record: AnyRecord): void {
    this.changes += 1;
    // Updates after the last step are recorded at the step that would have been the next.
    if ("step" in record && record.type !== "passes") this.lastStep = Math.max(this.lastStep, record.step);
    switch (record.type) {
      case "run":
        this.run = record;
        this.layers = normLayersOf(record);
        return;
      case "population":
        insert(this.populations, record);
        return;
      case "gap":
        insert(this.gaps, record);
        return;
      case "eval":
        insert(this.evals, record);
        return;
      case "segment":
        insert(this.segments, record);
        return;
      case "checkpoint":
        insert(this.checkpoints, record);
        return;
      case "layers":
        this.setLayers(record.layers);
        return;
      case "passes":
        insert(this.passes, record);
        return;
      case "standing":
        insert(this.standings, record);
        return;
      case "finding":
        this.findings.push(record.finding);
        return;
      case "end":
        this.end = record;
        return;
    }
  }

  private setLayers(changed: readonly RunLayer[]): void {
    if (this.run === null) return;
    this.run = { ...this.run, layers: withLayers(this.run.layers, changed) };
    this.layers = normLayersOf(this.run);
  }

  step(step: number, loss: number): void {
    this.lastStep = Math.max(this.lastStep, step);
    this.loss.add(loss);
  }

  sample(sample: Sample): void {
    this.changes += 1;
    this.lastStep = Math.max(this.lastStep, sample.step);
    this.samples.set(tableKey(sample), sample);
  }
}

/** Several tables may have one name and other layers. */
const tableKey = ({ table }: Sample): string => `${table.name}\n${table.layers.join("\n")}`;

/** Keeps a list in order of its steps; records nearly always come so. */
function insert<R extends { readonly step: number }>(list: R[], record: R): void {
  let at = list.length;
  while (at > 0 && (list[at - 1]?.step ?? 0) > record.step) at--;
  list.splice(at, 0, record);
}

/** The last record that is not after `step`; null when there is none. Null as a step means the newest. */
export function lastAt<R extends { readonly step: number }>(list: readonly R[], step: number | null): R | null {
  return list.findLast((record) => step === null || record.step <= step) ?? null;
}
