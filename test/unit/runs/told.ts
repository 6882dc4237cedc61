/** Records what a run reader passes on. */
import type { Sample } from "../../../engine/protocol/numbers";
import type { RankSample } from "../../../engine/protocol/ranks";
import type { AnyRecord } from "../../../engine/protocol/records";
import type { RunSink } from "../../../engine/runs/runReader";

export class ToldRun implements RunSink {
  records: AnyRecord[] = [];
  steps: number[][] = [];
  samples: Sample[] = [];
  rankSamples: readonly RankSample[] = [];
  /** What was passed on, in order: types of records, `step`, `sample`, `reset`. */
  order: string[] = [];

  record(record: AnyRecord): void {
    this.records.push(record);
    this.order.push(record.type);
  }

  step(...numbers: [number, number, number, number]): void {
    this.steps.push(numbers);
    this.order.push("step");
  }

  sample(sample: Sample): void {
    this.samples.push(sample);
    this.order.push("sample");
  }

  ranks(samples: readonly RankSample[]): void {
    this.rankSamples = samples;
  }

  reset(): void {
    this.records = [];
    this.steps = [];
    this.samples = [];
    this.order.push("reset");
  }
}
