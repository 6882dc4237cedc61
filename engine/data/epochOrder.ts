/**
 * The order in which training samples come: a fresh seeded shuffle every epoch, as they are in the data, sorted by
 * class, or on purpose in batches that contain one class each, as data that was never shuffled would give them.
 */
import { Random, type RandomState } from "../nn/random";
import type { OrderName } from "../protocol/trainConfig";

export interface EpochOrderOptions {
  /** Class of each sample. */
  readonly labels: ArrayLike<number>;
  readonly samples: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly order?: OrderName | undefined;
  /** True also gives the incomplete last batch of an epoch (`one-class`: of each class), which is dropped otherwise. */
  readonly keepLast?: boolean | undefined;
}

/** How far an order is, to continue from there. */
export interface EpochOrderState {
  /** Sample indices of the epoch. */
  readonly order: Uint32Array;
  /** Samples of the epoch that have been given. */
  readonly next: number;
  readonly random: RandomState;
}

export class EpochOrder {
  private readonly random: Random;
  private readonly order: Uint32Array;
  private readonly samplesPerEpoch: number;
  private next: number;

  constructor(private readonly options: EpochOrderOptions) {
    const { samples, seed, order, labels } = options;
    this.random = new Random(seed, "order");
    this.order = Uint32Array.from({ length: samples }, (_, index) => index);
    if (order === "sorted") this.order.sort((a, b) => (labels[a] ?? 0) - (labels[b] ?? 0) || a - b);
    this.samplesPerEpoch = samplesPerEpoch(options);
    this.next = samples;
  }

  /** Indices of the next batch, as a view that the next epoch overwrites. */
  nextBatch(): Uint32Array {
    if (this.next >= this.samplesPerEpoch) this.beginEpoch();
    const batch = this.order.subarray(this.next, this.endOfBatch());
    this.next += batch.length;
    return batch;
  }

  state(): EpochOrderState {
    return { order: this.order.slice(), next: this.next, random: this.random.snapshot() };
  }

  /** Goes on from a state of an order of as many samples. */
  restore({ order, next, random }: EpochOrderState): void {
    this.order.set(order);
    this.next = next;
    this.random.restore(random);
  }

  private beginEpoch(): void {
    const { order: name = "shuffled", labels, batchSize } = this.options;
    if (name === "shuffled" || name === "one-class") this.random.shuffle(this.order);
    if (name === "one-class") this.order.set(batchesOfOneClass(this.order, labels, batchSize, this.random));
    this.next = 0;
  }

  private endOfBatch(): number {
    const { order, labels, batchSize } = this.options;
    const most = Math.min(this.next + batchSize, this.samplesPerEpoch);
    if (order !== "one-class") return most;
    const classAt = (place: number): number | undefined => labels[this.order[place] ?? 0];
    let end = this.next + 1;
    while (end < most && classAt(end) === classAt(this.next)) end += 1;
    return end;
  }
}

/** The samples, whole batches of one class first, then what is left of each class; both in an order that is drawn. */
function batchesOfOneClass(
  samples: Uint32Array,
  labels: ArrayLike<number>,
  batchSize: number,
  random: Random,
): number[] {
  const classes = new Map<number, number[]>();
  for (const sample of samples) {
    const label = labels[sample] ?? 0;
    const known = classes.get(label);
    if (known) known.push(sample);
    else classes.set(label, [sample]);
  }
  const batches = [...classes.values()].flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / batchSize) }, (_, index) =>
      all.slice(index * batchSize, (index + 1) * batchSize),
    ),
  );
  const drawn = Uint32Array.from(batches.keys());
  random.shuffle(drawn);
  const inDrawnOrder = [...drawn].map((index) => batches[index] ?? []);
  const isWhole = (batch: readonly number[]): boolean => batch.length === batchSize;
  return [...inDrawnOrder.filter(isWhole), ...inDrawnOrder.filter((batch) => !isWhole(batch))].flat();
}

type EpochShape = Pick<EpochOrderOptions, "labels" | "samples" | "batchSize" | "keepLast" | "order">;

/** How many samples are drawn from together: of each class for itself, or all. */
function poolSizes({ labels, samples, order }: EpochShape): number[] {
  return order === "one-class" ? samplesPerClass(labels) : [samples];
}

/** Of the classes that occur. */
export function samplesPerClass(labels: ArrayLike<number>): number[] {
  const counts = new Map<number, number>();
  for (let sample = 0; sample < labels.length; sample++)
    counts.set(labels[sample] ?? 0, (counts.get(labels[sample] ?? 0) ?? 0) + 1);
  return [...counts.values()];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function samplesPerEpoch(shape: EpochShape): number {
  const { batchSize, keepLast } = shape;
  return sum(poolSizes(shape).map((size) => (keepLast ? size : size - (size % batchSize))));
}

/** Batches of one epoch. */
export function batchesPerEpoch(shape: EpochShape): number {
  const { batchSize, keepLast } = shape;
  return sum(poolSizes(shape).map((size) => (keepLast ? Math.ceil(size / batchSize) : Math.floor(size / batchSize))));
}
