/** For each rule runs that have what it looks for, and runs that nearly have it. */
import * as copies from "./copies";
import * as frozen from "./frozen";
import * as passes from "./passes";
import * as ranks from "./ranks";
import * as statistics from "./statistics";
import * as values from "./values";
import type { RuleSample } from "./sample";

/** A rule that is missing here fails its test. */
export const samples: Readonly<Record<string, RuleSample>> = {
  "statistics-behind": statistics.statisticsBehind,
  "statistics-too-young": statistics.statisticsTooYoung,
  "statistics-updated-by-validation": passes.statisticsUpdatedByValidation,
  "updates-before-training": passes.updatesBeforeTraining,
  "one-norm-for-two-inputs": passes.oneNormForTwoInputs,
  "checkpointing-updates-twice": passes.checkpointingUpdatesTwice,
  "few-samples-per-channel": values.fewSamplesPerChannel,
  "correlated-batches": values.correlatedBatches,
  "frozen-but-updating": frozen.frozenButUpdating,
  "held-but-updating": frozen.heldButUpdating,
  "not-updating-though-training": frozen.notUpdatingThoughTraining,
  "statistics-lost-at-load": copies.statisticsLostAtLoad,
  "checkpoint-without-statistics": copies.checkpointWithoutStatistics,
  "low-precision-statistics": values.lowPrecisionStatistics,
  "stale-statistics-in-a-copy": copies.staleStatisticsInACopy,
  "never-updated-statistics": statistics.neverUpdatedStatistics,
  "nan-in-running-stats": values.nanInRunningStats,
  "epsilon-large": values.epsilonLarge,
  "gamma-dead-or-exploding": values.gammaDeadOrExploding,
  "statistics-jump": statistics.statisticsJump,
  "ranks-apart": ranks.ranksApart,
  "ranks-train-apart": ranks.ranksTrainApart,
  "momentum-inverted": statistics.momentumInverted,
};
