/**
 * When the full per-channel vectors are recorded: further and further apart, within a budget of bytes, first and last
 * always.
 */

/** Of one run. */
const BUDGET_BYTES = 16e6;
/** The first come this share of the steps so far apart, */
const GROWTH = 1 / 4;
/** and the budget has to last for so many steps, */
const LONGEST_RUN_STEPS = 1e7;
/** of which the first and the last take one sample each. */
const LEAST_SAMPLES = 2;

export class ChannelSchedule {
  private nextStep = 1;
  private lastStep = -1;
  private readonly growth: number;

  constructor(bytesPerSample: number, budgetBytes = BUDGET_BYTES) {
    const affordable = Math.max(LEAST_SAMPLES, Math.floor(budgetBytes / Math.max(1, bytesPerSample)));
    // So many factors of (1 + growth) reach from the first step to the longest run.
    this.growth = Math.max(GROWTH, LONGEST_RUN_STEPS ** (1 / (affordable - 1)) - 1);
  }

  isDue(step: number): boolean {
    return step >= this.nextStep;
  }

  /** Notes that a sample is taken now; false when this step has one. */
  take(step: number): boolean {
    if (step <= this.lastStep) return false;
    this.lastStep = step;
    this.nextStep = step + Math.max(1, Math.ceil(step * this.growth));
    return true;
  }
}
