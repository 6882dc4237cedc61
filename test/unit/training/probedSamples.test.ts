import { strict as assert } from "node:assert";
import type { Dataset } from "../../../engine/data/dataset";
import type {
  ProbedAnswers,
  ProbedSample,
  SampleLine,
  WrittenSampleLine,
} from "../../../engine/protocol/probedSamples";
import type { GapRecord } from "../../../engine/protocol/records";
import type { TrainConfig } from "../../../engine/protocol/trainConfig";
import { parseSampleLine } from "../../../engine/runs/parseRecord";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { type ProbeAnswers, chosenFlips } from "../../../engine/training/probedSamples";
import { RunControl } from "../../../engine/training/runControl";
import { TrainingSession } from "../../../engine/training/session";
import { stateDict } from "../../../engine/training/stateDict";
import { runTrainLoop } from "../../../engine/training/trainLoop";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import { batchNorm, chain, digitsMlp, linear } from "../support/graphs";
import { KeptNumbers } from "../support/keptNumbers";
import { asRead } from "../support/readRecords";
import { stripes } from "../support/smallDataset";

interface Trained {
  readonly lines: SampleLine[];
  readonly gaps: GapRecord[];
  readonly weights: Buffer;
}

interface Settings {
  readonly graph?: ModelGraph;
  readonly dataset?: Dataset;
  readonly more?: Partial<TrainConfig>;
  readonly isRecorded?: boolean;
}

async function train({
  graph = digitsMlp({ updateWeight: 0.003 }),
  dataset = stripes(),
  more = {},
  isRecorded = true,
}: Settings = {}): Promise<Trained> {
  const config: TrainConfig = {
    ...{ data: "", normalize: null, steps: 60, batchSize: 40, learningRate: 0.1, optimizer: "sgd", seed: 1 },
    ...more,
  };
  const session = new TrainingSession({ ...config, graph, kernels: chooseKernels() });
  const lines: SampleLine[] = [];
  const gaps: GapRecord[] = [];
  const keep = (line: WrittenSampleLine): void => {
    const parsed = parseSampleLine(JSON.stringify(line));
    assert.equal(parsed.kind, "record", JSON.stringify(parsed));
    if (parsed.kind === "record") lines.push(parsed.record);
  };
  await runTrainLoop({
    ...{ session, config, dataset, control: new RunControl(), numbers: new KeptNumbers() },
    ...(isRecorded ? { samples: keep } : {}),
    record: (written) => {
      const record = asRead(written);
      if (record.type === "gap") gaps.push(record);
    },
    stepped: () => undefined,
  });
  const weights = Buffer.concat(
    stateDict(session).map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  );
  return { lines, gaps, weights };
}

const answersIn = (lines: readonly SampleLine[]): ProbedAnswers[] =>
  lines.filter((line): line is ProbedAnswers => line.type === "answers");
const samplesIn = (lines: readonly SampleLine[]): ProbedSample[] =>
  lines.filter((line): line is ProbedSample => line.type === "sample");
const flipsOf = ({ train: trained, eval: evaluated }: ProbedAnswers): number =>
  trained.filter((answer, index) => answer !== evaluated[index]).length;

/** One output for two classes: whether the first half is brighter. */
function halves(): Dataset {
  const half = (count: number) => ({
    count,
    values: Float32Array.from({ length: 4 * count }, (_, at) => ((at >> 2) % 2 === at % 2 ? 1 : (at % 7) / 9)),
    labels: Uint8Array.from({ length: count }, (_, sample) => sample % 2),
  });
  const columns = ["a", "b", "c", "d"];
  return { name: "halves", shape: [4], classes: 2, columns, train: half(200), test: half(80) };
}

const oneOutput = (outputs = 1): ModelGraph =>
  chain(
    [4],
    [
      { name: "fc1", op: linear(4, 8), outputShape: [8] },
      { name: "bn1", op: batchNorm(8, 0.003), outputShape: [8] },
      { name: "out", op: linear(8, outputs), outputShape: [outputs] },
    ],
  );

describe("samples that flip", () => {
  it("are as many as each gap probe counts", async () => {
    const { lines, gaps } = await train();
    const [batch] = lines;
    assert.ok(batch?.type === "batch");
    assert.deepEqual([batch.samples, batch.classes, batch.labels.length], [40, 10, 40]);
    assert.deepEqual(batch.image, { channels: 1, height: 28, width: 28 });
    assert.deepEqual(
      answersIn(lines).map((one) => [one.step, flipsOf(one)]),
      gaps.map(({ step, output }) => [step, output?.flips]),
    );
    assert.ok(
      gaps.some(({ output }) => (output?.flips ?? 0) > 5),
      "a slow momentum makes some flip",
    );
  });

  it("are written once, before they are shown, with the probabilities of their answers", async () => {
    const { lines } = await train();
    const known = new Set<number>();
    for (const line of lines) {
      if (line.type === "sample") {
        assert.ok(!known.has(line.index));
        known.add(line.index);
        assert.equal(Buffer.from(line.image ?? "", "base64").length, 784);
      }
      if (line.type !== "answers") continue;
      assert.equal(line.shown.length, Math.min(24, flipsOf(line)));
      for (const { index, probabilities } of line.shown) {
        assert.ok(known.has(index));
        const answers = [line.train[index], line.eval[index]];
        for (const answer of answers) assert.ok(probabilities.some(([number]) => number === answer));
        for (const [, trained, evaluated] of probabilities)
          assert.ok(Number(trained) >= 0 && Number(trained) <= 1 && Number(evaluated) >= 0 && Number(evaluated) <= 1);
      }
    }
  });

  it("change no weight by being recorded", async () => {
    const [recorded, silent] = [await train(), await train({ isRecorded: false })];
    assert.ok(recorded.weights.equals(silent.weights));
    assert.deepEqual(recorded.gaps, silent.gaps);
  });

  it("are rows with the names of their columns where the data are a table", async () => {
    const { lines } = await train({ graph: oneOutput(), dataset: halves(), more: { loss: "bce" } });
    const [batch] = lines;
    assert.ok(batch?.type === "batch");
    assert.deepEqual([batch.image, batch.columns], [null, ["a", "b", "c", "d"]]);
    assert.deepEqual([...new Set(samplesIn(lines).map(({ row }) => row?.length))], [4]);
  });

  it("have with one output under bce the probabilities of 0 and 1, which sum to 1", async () => {
    const { lines } = await train({ graph: oneOutput(), dataset: halves(), more: { loss: "bce" } });
    const shown = answersIn(lines).flatMap((one) => one.shown);
    assert.ok(shown.length > 0);
    for (const { probabilities } of shown) {
      assert.deepEqual(
        probabilities.map(([number]) => number),
        [0, 1],
      );
      const sum = probabilities.reduce((total, [, trained]) => total + Number(trained), 0);
      assert.ok(Math.abs(sum - 1) < 0.002);
    }
  });

  it("are not recorded where a prediction is a number", async () => {
    assert.deepEqual((await train({ graph: oneOutput(2), dataset: halves(), more: { loss: "mse" } })).lines, []);
  });

  it("are not recorded of a network without BN, which has no two modes", async () => {
    assert.deepEqual((await train({ graph: digitsMlp({ normalized: false }) })).lines, []);
  });
});

describe("the samples that are shown", () => {
  /** Answers of two classes or more, each with a probability for its own answer. */
  const answers = (rows: readonly (readonly [number, number, number])[], classes = 3): ProbeAnswers => {
    const probabilities = (which: 0 | 1): Float32Array =>
      Float32Array.from({ length: rows.length * classes }, (_, at) => {
        const row = rows[Math.floor(at / classes)];
        return row?.[which] === at % classes ? row[2] : 0;
      });
    return {
      train: Int32Array.from(rows, ([first]) => first),
      eval: Int32Array.from(rows, ([, second]) => second),
      trainProbabilities: probabilities(0),
      evalProbabilities: probabilities(1),
      classes,
    };
  };

  it("are one of each kind first: the largest kind, and of each the surest", () => {
    const rows = [
      [0, 1, 0.6],
      [0, 1, 0.9],
      [2, 1, 0.5],
      [1, 1, 1],
      [0, 1, 0.7],
    ] as const;
    assert.deepEqual(chosenFlips(answers(rows)), [1, 2, 4, 0]);
    assert.deepEqual(chosenFlips(answers(rows), 2), [1, 2]);
  });

  it("are none where nothing flips", () => {
    assert.deepEqual(chosenFlips(answers([[0, 0, 1]])), []);
  });
});
