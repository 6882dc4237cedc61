/** The order in which training samples come: a fresh seeded shuffle every epoch, or as they lie in the data. */
import { Random, type RandomState } from "../nn/random";
import type { OrderName } from "../protocol/trainConfig";

export interface EpochOrderOptions {
  readonly samples: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly order?: OrderName | undefined;
  /** True also gives the incomplete last batch of an epoch, which is dropped otherwise. */
  readonly keepLast?: boolean | undefined;
}

/** Where an order stands, to go on from there. */
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
  private next: number;

  constructor(private readonly options: EpochOrderOptions) {
    this.random = new Random(options.seed, "order");
    this.order = Uint32Array.from({ length: options.samples }, (_, index) => index);
    this.next = options.samples;
  }

  /** Indices of the next batch, as a view that the next epoch overwrites. */
  nextBatch(): Uint32Array {
    const { samples, batchSize, order, keepLast } = this.options;
    if (this.next + (keepLast ? 1 : batchSize) > samples) {
      if (order !== "sequential") this.random.shuffle(this.order);
      this.next = 0;
    }
    const batch = this.order.subarray(this.next, this.next + batchSize);
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
}

/** Batches of one epoch. */
export const batchesPerEpoch = ({ samples, batchSize, keepLast }: Pick<EpochOrderOptions, "samples" | "batchSize" | "keepLast">): number =>
  keepLast ? Math.ceil(samples / batchSize) : Math.floor(samples / batchSize);
