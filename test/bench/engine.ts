/** Times the parts that a person waits for, in plain Node: reading the examples, and training steps. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { BatchReader } from "../../engine/data/batches";
import { EpochOrder } from "../../engine/data/epochOrder";
import { generateDigits } from "../../engine/data/generatedDigits";
import { findingsFromReading } from "../../engine/findings/findingsFromReading";
import { trainabilityProblems } from "../../engine/graph/trainable";
import { inspectionOf } from "../../engine/source/inspect";
import { ModelReadingCache } from "../../engine/source/readingCache";
import { readModelFile } from "../../engine/source/readModel";
import { median } from "../../engine/training/channelSummaries";
import { usableKernels } from "../../engine/training/chooseKernels";
import { TrainingSession } from "../../engine/training/session";
import { LAYERS, MIDDLE, MODEL, TYPED } from "./largeModel.mjs";

const READ_REPEATS = 50;
/** A few minutes of typing: the first keys find the code cold. */
const KEYS = 200;
const STEP_REPEATS = 60;

function timed(repeats: number, work: () => void): number[] {
  return Array.from({ length: repeats }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
}

const show = (what: string, times: readonly number[]): void =>
  console.log(`${what.padEnd(60)} median ${median(times).toFixed(2)} ms, fastest ${Math.min(...times).toFixed(2)} ms`);

const examples = readdirSync("examples").filter((name) => name.endsWith(".py"));
const read = (name: string): ReturnType<typeof readModelFile> =>
  readModelFile({ path: name, text: readFileSync(join("examples", name), "utf8") });

for (const name of examples) {
  const [first = 0] = timed(1, () => inspectionOf(read(name)));
  show(
    `inspect ${name} (first time ${first.toFixed(1)} ms), warm`,
    timed(READ_REPEATS, () => inspectionOf(read(name))),
  );
}

benchTyping();

/**
 * Typing in a model file of a thousand lines: each key makes another text, which is parsed, interpreted, traced and
 * searched for findings, as the editor does after every pause.
 */
function benchTyping(): void {
  const readings = new ModelReadingCache();
  let count = 0;
  const times = timed(KEYS, () => {
    count = (count % TYPED.length) + 1;
    const now = MODEL.slice(0, MIDDLE) + TYPED.slice(0, count) + MODEL.slice(MIDDLE);
    const { reading, isStale } = readings.read({ path: "large.py", text: now, inputs: [[3, 32, 32]] });
    if (!isStale) findingsFromReading(reading);
  });
  show(`re-reading ${MODEL.split("\n").length} lines, ${LAYERS} layers, after a key`, times);
}

const digits = generateDigits();
for (const name of examples) {
  const graph = read(name).variant;
  if (!graph) throw new Error(`${name} cannot be read`);
  if (trainabilityProblems(graph).length > 0) continue;
  // Interleaved, so that a busy moment of the machine hits all candidates alike.
  const runs = usableKernels().map((kernels) => ({
    kernels,
    session: new TrainingSession({ graph, batchSize: 60, optimizer: "sgd", seed: 1, kernels }),
    times: [] as number[],
  }));
  const reader = new BatchReader(digits.train, digits.shape, 60, null);
  const order = new EpochOrder({ labels: digits.train.labels, samples: digits.train.count, batchSize: 60, seed: 1 });
  for (let step = 0; step < STEP_REPEATS; step++) {
    const batch = reader.read(order.nextBatch());
    for (const { session, times } of runs) times.push(...timed(1, () => session.trainStep(batch, 0.05)));
  }
  for (const { kernels, times } of runs)
    show(`training step ${name}, batch 60, ${kernels.module} ${kernels.wide ? 16 : 8} columns`, times);
}
