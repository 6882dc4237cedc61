/** Everything a run folder contains, for tests. */
import type { AnyRecord } from "../../../engine/protocol/records";
import { RunReader } from "../../../engine/runs/runReader";

export interface RunContents {
  readonly records: readonly AnyRecord[];
  readonly steps: readonly { readonly step: number; readonly loss: number }[];
  readonly reader: RunReader;
}

export function readAll(folder: string): RunContents {
  const reader = new RunReader(folder);
  const records: AnyRecord[] = [];
  const steps: { step: number; loss: number }[] = [];
  reader.readNew({
    record: (record) => records.push(record),
    step: (step, loss) => steps.push({ step, loss }),
    sample: () => undefined,
    ranks: () => undefined,
    reset: () => undefined,
  });
  return { records, steps, reader };
}
