/** The order in which training samples come: a fresh seeded shuffle every epoch, the incomplete last batch dropped. */
import { Random } from "../nn/random";

export class EpochOrder {
  private readonly random: Random;
  private readonly order: Uint32Array;
  private next: number;

  constructor(samples: number, private readonly batchSize: number, seed: number) {
    this.random = new Random(seed, "order");
    this.order = Uint32Array.from({ length: samples }, (_, index) => index);
    this.next = samples;
  }

  /** Indices of the next full batch. */
  nextBatch(): Uint32Array {
    if (this.next + this.batchSize > this.order.length) {
      this.random.shuffle(this.order);
      this.next = 0;
    }
    const batch = this.order.subarray(this.next, this.next + this.batchSize);
    this.next += this.batchSize;
    return batch;
  }
}
