/** Which samples of the probe batch flip between train and eval mode: from a gap probe's answers to lines of a file. */
import type { Dataset } from "../data/dataset";
import { type PictureSize, pictureOf, pictureSize, rowOf } from "../data/samplePicture";
import type { Network } from "../nn/network";
import type { WrittenSampleLine } from "../protocol/probedSamples";
import { finiteOrNull } from "./channelSummaries";

/** Flips whose probabilities are recorded at each probe. */
const MOST_SHOWN = 24;
/** A class with less in both modes is not worth recording, unless it is one of the answers. */
const LEAST_PROBABILITY = 0.005;
const MOST_CLASSES = 10;
/** Samples that a file has, which keeps it under 10 MB however large their images are. */
const MOST_WRITTEN = 512;

/** What both modes answer for the samples of a batch. */
export interface ProbeAnswers {
  readonly train: Int32Array;
  readonly eval: Int32Array;
  /** `[sample, class]` */
  readonly trainProbabilities: Float32Array;
  readonly evalProbabilities: Float32Array;
  readonly classes: number;
}

/**
 * Of what a network predicts for the same samples in two modes. Null where a sample has no answer that could flip: its
 * target is a number, or each of its positions has a label. With bce each output is a probability by itself; a single
 * one is that of class 1.
 */
export function probeAnswers(network: Network, trained: Float32Array, evaluated: Float32Array): ProbeAnswers | null {
  if (network.lossName === "mse" || network.labelsPerSample > 1) return null;
  const { channels } = network.output;
  const ofTwo = (ones: Float32Array): Float32Array =>
    Float32Array.from({ length: 2 * ones.length }, (_, at) => {
      const one = ones[at >> 1] ?? Number.NaN;
      return at % 2 === 0 ? 1 - one : one;
    });
  return {
    train: network.predictedLabels(trained),
    eval: network.predictedLabels(evaluated),
    trainProbabilities: channels === 1 ? ofTwo(trained) : trained,
    evalProbabilities: channels === 1 ? ofTwo(evaluated) : evaluated,
    classes: channels === 1 ? 2 : channels,
  };
}

/** Writes what the samples are when they are first needed, so a run in which few flip has few of them. */
export class ProbedSamples {
  private readonly written = new Set<number>();
  private hasBegun = false;
  private readonly size: PictureSize | null;

  constructor(
    private readonly dataset: Dataset,
    /** The samples of the probe batch among those for testing. */
    private readonly indices: Uint32Array,
    private readonly write: (line: WrittenSampleLine) => void,
  ) {
    this.size = pictureSize(dataset);
  }

  take(step: number, answers: ProbeAnswers): void {
    if (!this.hasBegun) this.write(this.batch(answers.classes));
    this.hasBegun = true;
    const shown = chosenFlips(answers);
    for (const index of shown) this.writeSample(index);
    this.write({
      type: "answers",
      step,
      train: [...answers.train],
      eval: [...answers.eval],
      shown: shown.map((index) => ({ index, probabilities: probabilitiesOf(answers, index) })),
    });
  }

  private batch(classes: number): WrittenSampleLine {
    const { test, classNames, columns } = this.dataset;
    return {
      type: "batch",
      samples: this.indices.length,
      classes,
      labels: Array.from(this.indices, (index) => test.labels[index] ?? 0),
      ...(classNames === undefined ? {} : { classNames: [...classNames] }),
      ...(columns === undefined ? {} : { columns: [...columns] }),
      ...(this.size === null ? {} : { image: this.size }),
    };
  }

  private writeSample(index: number): void {
    if (this.written.has(index) || this.written.size === MOST_WRITTEN) return;
    this.written.add(index);
    const { dataset, size } = this;
    const sample = this.indices[index] ?? 0;
    if (size !== null) {
      const image = Buffer.from(pictureOf(dataset, dataset.test, sample, size)).toString("base64");
      return this.write({ type: "sample", index, image });
    }
    const row = rowOf(dataset, dataset.test, sample);
    if (row !== null) this.write({ type: "sample", index, row: row.map(sixDigits) });
  }
}

/** One of each kind first, and the surest of each; kinds with more samples before others. */
export function chosenFlips(answers: ProbeAnswers, most = MOST_SHOWN): number[] {
  const kinds = new Map<string, number[]>();
  answers.train.forEach((answer, index) => {
    const other = answers.eval[index];
    if (other === undefined || other === answer) return;
    const kind = `${answer} ${other}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), index]);
  });
  const sorted = [...kinds.values()].map((kind) => kind.sort((a, b) => sureness(answers, b) - sureness(answers, a)));
  sorted.sort((a, b) => b.length - a.length || sureness(answers, b[0] ?? 0) - sureness(answers, a[0] ?? 0));
  const rounds = Math.max(0, ...sorted.map(({ length }) => length));
  return Array.from({ length: Math.min(rounds, most) }, (_, round) => sorted.flatMap((kind) => kind[round] ?? []))
    .flat()
    .slice(0, most);
}

/** How sure the less sure mode is of its answer. */
function sureness({ classes, ...answers }: ProbeAnswers, index: number): number {
  const before = answers.trainProbabilities[index * classes + (answers.train[index] ?? 0)] ?? 0;
  const after = answers.evalProbabilities[index * classes + (answers.eval[index] ?? 0)] ?? 0;
  const least = Math.min(before, after);
  return Number.isFinite(least) ? least : 0;
}

function probabilitiesOf(answers: ProbeAnswers, index: number): [number, number | null, number | null][] {
  const { classes, trainProbabilities, evalProbabilities } = answers;
  const own = new Set([answers.train[index], answers.eval[index]]);
  const all = Array.from({ length: classes }, (_, number): [number, number, number] => [
    number,
    trainProbabilities[index * classes + number] ?? Number.NaN,
    evalProbabilities[index * classes + number] ?? Number.NaN,
  ]);
  const size = ([number, train, other]: readonly [number, number, number]): number =>
    own.has(number) ? Number.POSITIVE_INFINITY : Math.max(train, other);
  return all
    .filter((one) => size(one) >= LEAST_PROBABILITY)
    .sort((a, b) => Number(size(b) > size(a)) - Number(size(a) > size(b)))
    .slice(0, MOST_CLASSES)
    .sort((a, b) => a[0] - b[0])
    .map(([number, train, other]) => [number, thousandths(train), thousandths(other)]);
}

/** More digits would only lengthen the file. */
const thousandths = (value: number): number | null => finiteOrNull(Math.round(1000 * value) / 1000);
const sixDigits = (value: number): number | null => finiteOrNull(Number(value.toPrecision(6)));
