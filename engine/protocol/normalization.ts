/**
 * The two conventions for running statistics, settled once.
 *
 * PyTorch: `running = (1 − momentum)·running + momentum·batch`, unbiased variance, ε 1e-5.
 * Keras:   `moving = momentum·moving + (1 − momentum)·batch`, the batch's own variance, ε 1e-3.
 */
import type { BatchNormOp, RunningVarianceEstimator } from "./layerOps";
import type { Framework } from "./modelGraph";

export interface NormalizationDefaults {
  readonly epsilon: number;
  readonly runningStatsUpdateWeight: number;
  readonly runningVarianceEstimator: RunningVarianceEstimator;
}

export const normalizationDefaults: Readonly<Record<Framework, NormalizationDefaults>> = {
  pytorch: { epsilon: 1e-5, runningStatsUpdateWeight: 0.1, runningVarianceEstimator: "unbiased" },
  keras: { epsilon: 1e-3, runningStatsUpdateWeight: 0.01, runningVarianceEstimator: "population" },
};

/** An update weight as the framework writes it: Keras's momentum is the weight of the old value. */
export function momentumOf(updateWeight: number, framework: string | null): number {
  // 1 − 0.01 is 0.99 and nothing else: undo the floating-point dust of the conversion.
  return framework === "keras" ? Number((1 - updateWeight).toPrecision(12)) : updateWeight;
}

/** The momentum as the user's framework writes it; null is PyTorch's cumulative average (`momentum=None`). */
export function momentumInFramework(op: BatchNormOp, framework: Framework): number | null {
  const weight = op.runningStatsUpdateWeight;
  return weight === null ? null : momentumOf(weight, framework);
}

/** Updates until less than 1 % of the initial 0 and 1 is left in the running statistics (44 at 0.1, 459 at 0.01). */
export function updatesToSettle(updateWeight: number): number {
  if (updateWeight >= 1) return 1;
  return Math.ceil(Math.log(0.01) / Math.log(1 - updateWeight));
}
