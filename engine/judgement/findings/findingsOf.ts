/** What is wrong with the BN of a run, from its records: what its producer found, and one rule a file. */
import type { RunFinding, Severity } from "../../protocol/finding";
import type { RunSummary } from "../runSummary";
import { statisticsBehind } from "./behind";
import { nanInRunningStats } from "./brokenStatistics";
import { checkpointWithoutStatistics } from "./checkpointWithout";
import { correlatedBatches } from "./correlatedBatches";
import { updatesBeforeTraining } from "./dryPass";
import { momentumInverted } from "./fastWeight";
import { fewSamplesPerChannel } from "./fewSamples";
import { frozenButUpdating } from "./frozenMoves";
import { gammaDeadOrExploding } from "./gammaRange";
import { heldButUpdating } from "./heldMoves";
import { epsilonLarge } from "./largeEpsilon";
import { statisticsLostAtLoad } from "./lostAtLoad";
import { lowPrecisionStatistics } from "./lowPrecision";
import { neverUpdatedStatistics } from "./neverUpdated";
import { ranksApart } from "./rankStatistics";
import { ranksTrainApart } from "./rankWeights";
import { factsOf, type RunFacts } from "./runFacts";
import { staleStatisticsInACopy } from "./staleCopy";
import { statisticsJump } from "./statisticsJump";
import { notUpdatingThoughTraining } from "./staysInEval";
import { oneNormForTwoInputs } from "./twoInputs";
import { checkpointingUpdatesTwice } from "./updatedTwice";
import { statisticsUpdatedByValidation } from "./validationUpdates";
import { statisticsTooYoung } from "./young";

/** By the ids of their rules, each of which has a page in docs/rules. */
export const runRules: Readonly<Record<string, (run: RunFacts) => RunFinding[]>> = {
  "statistics-behind": statisticsBehind,
  "statistics-too-young": statisticsTooYoung,
  "statistics-updated-by-validation": statisticsUpdatedByValidation,
  "updates-before-training": updatesBeforeTraining,
  "one-norm-for-two-inputs": oneNormForTwoInputs,
  "checkpointing-updates-twice": checkpointingUpdatesTwice,
  "few-samples-per-channel": fewSamplesPerChannel,
  "correlated-batches": correlatedBatches,
  "frozen-but-updating": frozenButUpdating,
  "held-but-updating": heldButUpdating,
  "not-updating-though-training": notUpdatingThoughTraining,
  "statistics-lost-at-load": statisticsLostAtLoad,
  "checkpoint-without-statistics": checkpointWithoutStatistics,
  "low-precision-statistics": lowPrecisionStatistics,
  "stale-statistics-in-a-copy": staleStatisticsInACopy,
  "never-updated-statistics": neverUpdatedStatistics,
  "nan-in-running-stats": nanInRunningStats,
  "epsilon-large": epsilonLarge,
  "gamma-dead-or-exploding": gammaDeadOrExploding,
  "statistics-jump": statisticsJump,
  "ranks-apart": ranksApart,
  "ranks-train-apart": ranksTrainApart,
  "momentum-inverted": momentumInverted,
};

export const severityRank: Readonly<Record<Severity, number>> = { information: 0, warning: 1, error: 2 };

/** The worst first, and of equals the earliest. */
export function findingsOf(summary: RunSummary): RunFinding[] {
  const run = factsOf(summary);
  const decided = Object.values(runRules).flatMap((rule) => rule(run));
  return [...recordedFindings(summary), ...decided].sort(
    (a, b) => severityRank[b.severity] - severityRank[a.severity] || (a.step ?? 0) - (b.step ?? 0),
  );
}

/** What a producer's own rules found. They name a layer as they like: by id or by name. */
function recordedFindings({ recordedFindings: records, run }: RunSummary): RunFinding[] {
  return records.map(({ step, finding: { layer: named, ...finding } }) => {
    const layer = run?.layers.find(({ id, name }) => id === named || name === named);
    return { ...finding, step, layers: named === null ? [] : [layer?.id ?? named] };
  });
}
