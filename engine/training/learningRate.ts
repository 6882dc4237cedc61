/** The learning rate as a pure function of the step: PyTorch's schedulers in closed form. */
import type { Schedule, TrainConfig } from "../protocol/trainConfig";

/** torch.optim.lr_scheduler.LinearLR's `start_factor`. */
const WARMUP_START = 1 / 3;
/** torch.optim.lr_scheduler.OneCycleLR's `div_factor` and `final_div_factor`. */
const CYCLE_START = 25;
const CYCLE_END = 1e4;

export type LearningRateSettings = Pick<TrainConfig, "learningRate" | "schedule" | "warmupSteps" | "steps">;

/**
 * The learning rate of optimizer step `step`, which counts from 1: the scheduler has been stepped `step` − 1 times. A
 * schedule starts when the warm-up is over, and ends with the run (SequentialLR of LinearLR and the schedule).
 */
export function learningRateAt(
  { learningRate, schedule, warmupSteps = 0, steps }: LearningRateSettings,
  step: number,
): number {
  const done = step - 1;
  if (done < warmupSteps) return learningRate * (WARMUP_START + (1 - WARMUP_START) * (done / warmupSteps));
  return schedule === undefined
    ? learningRate
    : scheduled(schedule, learningRate, done - warmupSteps, steps - warmupSteps);
}

/** `done` of `length` steps are done. */
function scheduled(schedule: Schedule, rate: number, done: number, length: number): number {
  switch (schedule.kind) {
    case "step":
      return rate * schedule.gamma ** Math.floor(done / schedule.every);
    case "cosine":
      return schedule.lowest + ((rate - schedule.lowest) * (1 + Math.cos((Math.PI * done) / length))) / 2;
    case "one-cycle":
      return oneCycle(rate, schedule.rise, done, length);
  }
}

/** Up from a 25th of `highest` over `rise` of the run, then down to a 10⁴th of where it began, both along a cosine. */
function oneCycle(highest: number, rise: number, done: number, length: number): number {
  const first = highest / CYCLE_START;
  const peak = rise * length - 1;
  if (peak > 0 && done <= peak) return annealed(first, highest, done / peak);
  return annealed(highest, first / CYCLE_END, (done - peak) / (length - 1 - peak));
}

const annealed = (from: number, to: number, share: number): number =>
  to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
