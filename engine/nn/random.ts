/**
 * Seeded random numbers: xoshiro128** (Blackman & Vigna 2021, "Scrambled linear pseudorandom number generators"),
 * its state filled by splitmix32 from the seed and a label. Streams with different labels are independent, so adding
 * a layer does not change how the others are initialised or in which order samples come.
 */
export class Random {
  private readonly state: Uint32Array;
  private spareNormal: number | undefined;

  constructor(seed: number, label = "") {
    let hash = (seed >>> 0) ^ Math.floor(seed / 0x100000000);
    for (const character of label) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    this.state = Uint32Array.from({ length: 4 }, () => {
      hash = (hash + 0x9e3779b9) >>> 0;
      let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      return (mixed ^ (mixed >>> 16)) >>> 0;
    });
  }

  /** Uniform over 0 … 2³² − 1. */
  nextUint32(): number {
    const { state } = this;
    // By index: destructuring would go through an iterator, at ten times the cost.
    const s0 = state[0] ?? 0;
    const s1 = state[1] ?? 0;
    const s2 = state[2] ?? 0;
    const s3 = state[3] ?? 0;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const t2 = s2 ^ s0;
    const t3 = s3 ^ s1;
    state[1] = s1 ^ t2;
    state[0] = s0 ^ t3;
    state[2] = t2 ^ (s1 << 9);
    state[3] = rotateLeft(t3, 11);
    return result;
  }

  /** Uniform in [low, high), 32 bits fine. */
  uniform(low = 0, high = 1): number {
    return low + (this.nextUint32() / 0x100000000) * (high - low);
  }

  /** Uniform over 0 … limit − 1. */
  integer(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  /** Standard normal (Marsaglia's polar method). */
  normal(): number {
    if (this.spareNormal !== undefined) {
      const spare = this.spareNormal;
      this.spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const u = this.uniform(-1, 1);
      const v = this.uniform(-1, 1);
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.spareNormal = v * factor;
      return u * factor;
    }
  }

  snapshot(): RandomState {
    return { words: [...this.state], spareNormal: this.spareNormal ?? null };
  }

  /** Goes on from a state with four words. */
  restore({ words, spareNormal }: RandomState): void {
    this.state.set(words);
    this.spareNormal = spareNormal ?? undefined;
  }

  /** Shuffles in place (Fisher-Yates). */
  shuffle(values: Uint32Array): void {
    for (let last = values.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const kept = values[last] ?? 0;
      values[last] = values[other] ?? 0;
      values[other] = kept;
    }
  }
}

/** The state of a stream. */
export interface RandomState {
  /** Four u32. */
  readonly words: readonly number[];
  /** The second number of a pair of normals that has not been given yet. */
  readonly spareNormal: number | null;
}

const rotateLeft = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
