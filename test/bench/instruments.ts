/**
 * What looking costs: a model trained in turns of a few steps, bare and by the whole loop with its records on a disk,
 * so that a busy moment of the machine hits both alike. Both train the same session: where its memory happens to lie
 * makes more of a difference than what is measured here. What counts is the mean of the middle half of the differences,
 * taken apart for turns with and without `norm` records, which would otherwise be in the half that is left out.
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchReader } from "../../engine/data/batches";
import { EpochOrder } from "../../engine/data/epochOrder";
import { generateDigits } from "../../engine/data/generatedDigits";
import type { TrainConfig } from "../../engine/protocol/trainConfig";
import { RunWriter } from "../../engine/runs/runWriter";
import { readModelFile } from "../../engine/source/readModel";
import { median } from "../../engine/training/channelSummaries";
import { chooseKernels } from "../../engine/training/chooseKernels";
import { ProbeSchedule } from "../../engine/training/probeSchedule";
import { TrainingSession } from "../../engine/training/session";
import { type LoopControl, runTrainLoop } from "../../engine/training/trainLoop";

interface Workload {
  readonly what: string;
  readonly file: string;
  readonly batchSize: number;
  /** Of one turn. */
  readonly steps: number;
  readonly turns: number;
}

const WORKLOADS: readonly Workload[] = [
  { what: "784-100-100-100-10, sigmoid, BN, batch 60", file: "w1.py", batchSize: 60, steps: 100, turns: 200 },
  { what: "3 convolutions, BN, 1×28×28, batch 64", file: "w3.py", batchSize: 64, steps: 4, turns: 200 },
];

/** Of a run as it is planned: its probes come at the rate of a long one. What is measured is its beginning. */
const STEPS_OF_RUN = 100_000;

/** The first turns find the code cold, and all their steps are recorded. */
const COLD_TURNS = 10;

interface Turn {
  readonly bareMs: number;
  /** The same steps with their records, and the event loop's turns between them. */
  readonly recordedMs: number;
  /** Types of records and names of tables that were written in it. */
  readonly records: readonly string[];
}

const dataset = generateDigits();

/** Lets a loop continue for one turn at a time. */
class Turns implements LoopControl {
  stopRequested = false;
  private left = 0;
  private go: () => void = () => undefined;
  private done: () => void = () => undefined;

  get isHeld(): boolean {
    return this.left <= 0;
  }

  stepped(): void {
    this.left -= 1;
  }

  whilePaused(): Promise<void> {
    if (!this.isHeld) return Promise.resolve();
    this.done();
    return new Promise<void>((resolve) => (this.go = resolve));
  }

  /** Resolves when the loop has done so many steps, or has ended. */
  next(steps: number): Promise<void> {
    this.left = steps;
    const waits = new Promise<void>((resolve) => (this.done = resolve));
    this.go();
    return waits;
  }

  /** Ends the loop, if it has not ended by itself. */
  end(): void {
    this.stopRequested = true;
    this.go();
    this.done();
  }
}

async function measure({ what, file, batchSize, steps, turns: count }: Workload): Promise<void> {
  const path = join("test/bench/workloads", file);
  const { graph } = readModelFile({ path, text: readFileSync(path, "utf8") });
  if (graph === null) throw new Error(`${path} cannot be read`);
  const config: TrainConfig = {
    data: "digits",
    normalize: null,
    steps: STEPS_OF_RUN,
    batchSize,
    learningRate: 0.05,
    optimizer: "sgd",
    seed: 1,
  };
  const kernels = chooseKernels();
  const session = new TrainingSession({ ...config, graph, kernels });
  const reader = new BatchReader(dataset.train, dataset.shape, batchSize, null);
  const order = new EpochOrder({ labels: dataset.train.labels, samples: dataset.train.count, batchSize, seed: 1 });

  const folder = mkdtempSync(join(tmpdir(), "normlens-instruments-"));
  writeFileSync(join(folder, "run.jsonl"), "");
  const writer = new RunWriter(folder, () => undefined);
  let records: string[] = [];
  const tables: string[] = [];
  const turns = new Turns();
  const first = turns.next(0);
  const loop = runTrainLoop({
    session,
    config,
    dataset,
    control: turns,
    stepped: (step) => {
      writer.beat(step);
      turns.stepped();
    },
    numbers: {
      declare: (declaration) => {
        const table = writer.declare(declaration);
        tables[table] = declaration.name;
        return table;
      },
      frame: (table, step, values) => {
        writer.frame(table, step, values);
        if (tables[table] !== "steps") records.push(tables[table] ?? "");
      },
    },
    record: (record) => {
      writer.append(record);
      records.push(record.type);
    },
  }).finally(() => turns.end());
  await first;
  const taken: Turn[] = [];
  for (let turn = 0; turn < count; turn++) {
    const startMs = performance.now();
    for (let step = 0; step < steps; step++) session.trainStep(reader.read(order.nextBatch()), config.learningRate);
    const betweenMs = performance.now();
    records = [];
    await turns.next(steps);
    taken.push({ bareMs: betweenMs - startMs, recordedMs: performance.now() - betweenMs, records });
  }
  turns.end();
  await loop;
  writer.close();
  const bytes = ["run.jsonl", "numbers.bin"].reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  rmSync(folder, { recursive: true });
  report(what, steps, taken, bytes / (steps * count));
}

function report(what: string, steps: number, taken: readonly Turn[], bytesPerStep: number): void {
  const warm = taken.slice(COLD_TURNS);
  const stepMs = median(warm.map(({ bareMs }) => bareMs)) / steps;
  const probed = taken.filter(({ records }) => records.includes("eval"));
  const unprobed = warm.filter(({ records }) => !records.includes("eval"));
  const withNorms = unprobed.filter(({ records }) => records.includes("norms"));
  const without = unprobed.filter((turn) => !withNorms.includes(turn));
  const extraMs = [withNorms, without].reduce(
    (sum, group) => sum + group.length * middleMean(group.map(({ bareMs, recordedMs }) => recordedMs - bareMs)),
    0,
  );
  const share = extraMs / (unprobed.length * steps * stepMs);
  const probeMs = median(probed.map(({ bareMs, recordedMs }) => recordedMs - bareMs));
  const probes = probesOfRun(probeMs, stepMs);
  const probeShare = (probes * probeMs) / (STEPS_OF_RUN * stepMs);
  const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
  console.log(
    `${what}: ${taken.length * steps} steps of ${stepMs.toFixed(3)} ms, ${bytesPerStep.toFixed(0)} bytes a step`,
  );
  console.log(
    `  instruments of steps   ${percent(share)} of a step; samples in ${withNorms.length} of ` +
      `${unprobed.length} turns of ${steps} steps`,
  );
  console.log(
    `  probes                 ${percent(probeShare)} of a run of ${STEPS_OF_RUN} steps: ${probes} of ` +
      `${probeMs.toFixed(0)} ms`,
  );
  console.log(`  together               ${percent(share + probeShare)}`);
}

function probesOfRun(probeMs: number, stepMs: number): number {
  const schedule = new ProbeSchedule(STEPS_OF_RUN);
  let count = 0;
  for (let step = 0; step < STEPS_OF_RUN; step++) {
    if (!schedule.isDue(step)) continue;
    schedule.probed(step, probeMs, step === 0 ? null : stepMs);
    count += 1;
  }
  return count;
}

function middleMean(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice(Math.floor(sorted.length / 4), Math.ceil((3 * sorted.length) / 4));
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

async function main(): Promise<void> {
  for (const workload of WORKLOADS.filter(({ file }) => (process.argv[2] ?? file) === file)) await measure(workload);
}

void main();
