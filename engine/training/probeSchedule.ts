/** When the instruments run: often enough to see a change, rarely enough not to slow training. */

/**
 * Share of a step's time that recording its statistics takes in a long run; with what every step costs besides, it
 * stays under 3 %.
 */
const RECORDING_SHARE = 0.004;
/** So many are recorded also where they cost more than that, */
const LEAST_RECORDED = 50;
/** but never at more than this share of a step's time, */
const MOST_RECORDING_SHARE = 0.05;
/** except for those at the start, which come further and further apart: each by this share of the steps so far. */
const GROWTH = 1 / 8;
/**
 * What the latest recording weighs in their mean cost: the first ones find the code cold, and a busy machine slows any
 * single one.
 */
const LATEST_WEIGHT = 0.2;
/** Share of training time that the probes of a long run take. */
const PROBE_SHARE = 0.005;
/** So many are taken also where they cost more than that, */
const LEAST_PROBES = 12;
/** but never more than this share of training time, */
const MOST_PROBE_SHARE = 0.25;
/** except for the few at the start of a run, when one takes no longer than this. */
const SHORT_PROBE_MS = 100;
/** No chart needs more. */
const MOST_PROBES = 40;
/** Between probes of a very short run. */
const LEAST_PROBE_INTERVAL = 5;
/** The first steps are where running statistics move most: they are all recorded. */
const EVERY_STEP_UNTIL = 20;

/** Which steps get `norm` records. Measures both costs, so that a fast model is recorded at wider intervals. */
export class NormSchedule {
  private nextStep = 1;
  /** Mean cost of recording, in steps. */
  private cost: number | null = null;

  constructor(private readonly steps: number) {}

  isDue(step: number): boolean {
    return step >= this.nextStep;
  }

  /** Tells what recording a step cost and what the step itself took. */
  recorded(step: number, recordMs: number, stepMs: number): void {
    const cost = recordMs / Math.max(stepMs, 0.001);
    this.cost = this.cost === null ? cost : this.cost + LATEST_WEIGHT * (cost - this.cost);
    const interval = Math.min(
      this.cost / RECORDING_SHARE,
      Math.max(this.steps / LEAST_RECORDED, this.cost / MOST_RECORDING_SHARE),
    );
    this.nextStep = step + (step < EVERY_STEP_UNTIL ? 1 : Math.max(1, Math.ceil(Math.min(interval, step * GROWTH))));
  }
}

/**
 * Which steps get population, gap and evaluation records. The first and the last always do; the start of a run, where
 * running statistics move most, is looked at in doubling steps.
 */
export class ProbeSchedule {
  private nextStep = 0;
  // The fastest seen: the first probe also compiles the code it runs, and a busy machine slows any single one.
  private leastProbeMs = Number.POSITIVE_INFINITY;
  private leastStepMs = Number.POSITIVE_INFINITY;

  constructor(private readonly steps: number) {}

  isDue(step: number): boolean {
    return step >= this.nextStep || step === this.steps;
  }

  /** `stepMs` is null before the first step: what a probe costs in steps is then not known yet. */
  probed(step: number, probeMs: number, stepMs: number | null): void {
    this.leastProbeMs = Math.min(this.leastProbeMs, probeMs);
    this.leastStepMs = Math.min(this.leastStepMs, stepMs ?? Number.POSITIVE_INFINITY);
    // In steps; 0 while no step has been timed.
    const cost = this.leastProbeMs / Math.max(this.leastStepMs, 0.001);
    const affordable = Math.ceil(cost / MOST_PROBE_SHARE);
    const unnoticed = Math.min(cost / PROBE_SHARE, this.steps / LEAST_PROBES);
    const interval = Math.max(affordable, Math.round(Math.max(unnoticed, this.steps / MOST_PROBES)));
    const least = this.leastProbeMs > SHORT_PROBE_MS ? affordable : 0;
    this.nextStep = step + Math.max(LEAST_PROBE_INTERVAL, least, Math.min(interval, step));
  }
}
