/**
 * A run, folded record by record: what everything that shows a run knows of it. Dense numbers pass by; only the newest
 * sample of each layer and what is summed up over steps stay.
 */
import type { Finding } from "../protocol/finding";
import type { Sample } from "../protocol/numbers";
import type { RankSample } from "../protocol/ranks";
import {
  type AnyRecord,
  type CheckpointRecord,
  type EndRecord,
  type EvalRecord,
  type GapRecord,
  type NormLayer,
  normLayersOf,
  type LeftOutRecord,
  type PassesRecord,
  type PopulationRecord,
  type RecordOfType,
  type RunLayer,
  type RunRecord,
  type SegmentRecord,
  withLayers,
} from "../protocol/records";
import { LossAverage } from "./lossAverage";
import { insertByStep, Standings } from "./standings";

export class RunSummary {
  run: RunRecord | null = null;
  end: EndRecord | null = null;
  /** The last step that left a trace of any kind. */
  lastStep = 0;
  /** By step, oldest first. */
  readonly evals: EvalRecord[] = [];
  readonly populations: PopulationRecord[] = [];
  readonly gaps: GapRecord[] = [];
  /** Probes that were asked for and not possible, each with its reason. */
  readonly refusedProbes: GapRecord[] = [];
  readonly segments: SegmentRecord[] = [];
  readonly checkpoints: CheckpointRecord[] = [];
  readonly passes: PassesRecord[] = [];
  readonly standings = new Standings();
  /** The first model that trains and is not recorded. */
  leftOut: LeftOutRecord | null = null;
  /** What rules of the producer found. */
  readonly recordedFindings: RecordOfType<"finding">[] = [];
  /** Since which step the facts of a layer are what they are now; layers of which they never changed are not in it. */
  readonly factsSince = new Map<string, number>();
  /** How far the processes are apart, by layer and step; empty for a single process. */
  rankSamples: readonly RankSample[] = [];
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

  get findings(): Finding[] {
    return this.recordedFindings.map(({ finding }) => finding);
  }

  reset(): void {
    this.run = null;
    this.end = null;
    this.lastStep = 0;
    const { evals, populations, gaps, refusedProbes, segments, checkpoints, passes, recordedFindings } = this;
    for (const list of [evals, populations, gaps, refusedProbes, segments, checkpoints, passes, recordedFindings])
      list.length = 0;
    this.standings.clear();
    this.leftOut = null;
    this.factsSince.clear();
    this.rankSamples = [];
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
        insertByStep(this.populations, record);
        return;
      case "gap":
        insertByStep(record.reason === null ? this.gaps : this.refusedProbes, record);
        return;
      case "eval":
        insertByStep(this.evals, record);
        return;
      case "segment":
        insertByStep(this.segments, record);
        if (record.reason === "started-again") this.standings.forget(record.layers ?? this.layers.map(({ id }) => id));
        return;
      case "checkpoint":
        insertByStep(this.checkpoints, record);
        return;
      case "layers":
        this.setLayers(record.layers, record.step);
        return;
      case "passes":
        insertByStep(this.passes, record);
        return;
      case "standing":
        this.standings.add(record);
        return;
      case "left-out":
        this.leftOut ??= record;
        return;
      case "finding":
        this.recordedFindings.push(record);
        return;
      case "end":
        this.end = record;
        return;
    }
  }

  private setLayers(changed: readonly RunLayer[], step: number): void {
    if (this.run === null) return;
    for (const { id } of changed) this.factsSince.set(id, step);
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

  ranks(samples: readonly RankSample[]): void {
    this.changes += 1;
    this.rankSamples = samples;
    for (const { step } of samples) this.lastStep = Math.max(this.lastStep, step);
  }
}

/** Several tables may have one name and other layers. */
const tableKey = ({ table }: Sample): string => `${table.name}\n${table.layers.join("\n")}`;

/** The last record that is not after `step`; null when there is none. Null as a step means the newest. */
export function lastAt<R extends { readonly step: number }>(list: readonly R[], step: number | null): R | null {
  return list.findLast((record) => step === null || record.step <= step) ?? null;
}
