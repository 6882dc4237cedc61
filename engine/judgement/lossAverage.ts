/** The training loss as a person follows it: without the noise of single batches. */

/**
 * How many steps the average reaches over: a fortieth of those so far, so that short and long runs look alike, and at
 * most so many.
 */
const SHARE = 1 / 40;
const MOST_STEPS = 100;

/**
 * An exponential average of the logarithm, since a loss is read on a log scale, whose start is not pulled to zero (the
 * correction of Adam, Kingma & Ba 2015, section 3). Also a digest of every loss bit for bit: equal digests mean the
 * same training.
 */
export class LossAverage {
  private sum = 0;
  private weight = 0;
  private steps = 0;
  private lastIsFinite = true;
  private hash = 0x811c9dc5;
  private readonly float = new Float64Array(1);
  private readonly words = new Uint32Array(this.float.buffer);

  /** NaN before the first step and after a divergence. */
  get value(): number {
    return this.steps === 0 || !this.lastIsFinite || this.weight === 0 ? Number.NaN : Math.exp(this.sum / this.weight);
  }

  /** Of all losses so far, in order; together with the number of steps it distinguishes trainings. */
  get digest(): string {
    return `${this.steps}:${this.hash.toString(16)}`;
  }

  get count(): number {
    return this.steps;
  }

  add(loss: number): void {
    this.steps += 1;
    this.float[0] = loss;
    // FNV-1a over the two halves of the float64.
    this.hash = Math.imul(this.hash ^ (this.words[0] ?? 0), 0x01000193) >>> 0;
    this.hash = Math.imul(this.hash ^ (this.words[1] ?? 0), 0x01000193) >>> 0;
    this.lastIsFinite = Number.isFinite(loss);
    if (!(loss > 0) || !this.lastIsFinite) return;
    const keep = 1 - 1 / Math.max(1, Math.min(MOST_STEPS, this.steps * SHARE));
    this.sum = keep * this.sum + (1 - keep) * Math.log(loss);
    this.weight = keep * this.weight + (1 - keep);
  }

  reset(): void {
    this.sum = this.weight = this.steps = 0;
    this.lastIsFinite = true;
    this.hash = 0x811c9dc5;
  }
}
