/** Findings about a training script: what it does with the modes, statistics and weights of its networks. */
import type { SourceFile } from "../../python/parse";
import type { ModuleSource, ResolveModule } from "../../python/resolveModule";
import { rangeKey } from "../context";
import { batchStatisticsByDefault } from "../rules/batchStatisticsByDefault";
import { kerasEvaluation } from "../rules/kerasEvaluation";
import { kerasFitWithoutTraining } from "../rules/kerasFitWithoutTraining";
import { kerasHeldNorm } from "../rules/kerasHeldNorm";
import { kerasRealFake } from "../rules/kerasRealFake";
import { kerasTeacher } from "../rules/kerasTeacher";
import { kerasCallWithoutTraining } from "../rules/kerasCallWithoutTraining";
import type { SourceFinding } from "../sourceFinding";
import type { ScriptContext } from "./scriptContext";
import { isTorchScript } from "./torchScript";
import { buffersNotRestored } from "./rules/buffersNotRestored";
import { checkpointingUpdatesTwice } from "./rules/checkpointingUpdatesTwice";
import { ddpWithoutSyncbn } from "./rules/ddpWithoutSyncbn";
import { featuresWithoutGradients } from "./rules/featuresWithoutGradients";
import { fewSamples } from "./rules/fewSamples";
import { fewUpdates } from "./rules/fewUpdates";
import { frozenButUpdating } from "./rules/frozenButUpdating";
import { frozenInConstructor } from "./rules/frozenInConstructor";
import { gradAccumulationWithBn } from "./rules/gradAccumulationWithBn";
import { gradientPenaltyWithBn } from "./rules/gradientPenaltyWithBn";
import { heldButTraining } from "./rules/heldButTraining";
import { lowPrecisionStatistics } from "./rules/lowPrecisionStatistics";
import { correlatedBatches } from "./rules/correlatedBatches";
import { exportInTrainMode } from "./rules/exportInTrainMode";
import { nonFiniteBatch } from "./rules/nonFiniteBatch";
import { ranksApart } from "./rules/ranksApart";
import { singleSample } from "./rules/singleSample";
import { oneNormForTwoInputs } from "./rules/oneNormForTwoInputs";
import { kerasFewSteps } from "./rules/kerasFewSteps";
import { missingEval } from "./rules/missingEval";
import { missingTrainAfterEval } from "./rules/missingTrainAfterEval";
import { realFakeConcatenated } from "./rules/realFakeConcatenated";
import { singleSampleLastBatch } from "./rules/singleSampleLastBatch";
import { swaWithoutUpdateBn } from "./rules/swaWithoutUpdateBn";
import { teacherInTrainMode } from "./rules/teacherInTrainMode";
import { weightDecayOnNorm } from "./rules/weightDecayOnNorm";
import { traceScript } from "../../script/traceScript";

const checks: readonly ((context: ScriptContext) => SourceFinding[])[] = [
  missingEval,
  missingTrainAfterEval,
  frozenButUpdating,
  frozenInConstructor,
  featuresWithoutGradients,
  heldButTraining,
  swaWithoutUpdateBn,
  buffersNotRestored,
  lowPrecisionStatistics,
  nonFiniteBatch,
  correlatedBatches,
  ranksApart,
  fewUpdates,
  fewSamples,
  oneNormForTwoInputs,
  exportInTrainMode,
  singleSample,
  checkpointingUpdatesTwice,
  ddpWithoutSyncbn,
  gradAccumulationWithBn,
  gradientPenaltyWithBn,
  realFakeConcatenated,
  weightDecayOnNorm,
  singleSampleLastBatch,
  teacherInTrainMode,
];

/** Rules that also look at the files that import the file. */
const withCallers = [
  kerasCallWithoutTraining,
  kerasFitWithoutTraining,
  kerasHeldNorm,
  kerasTeacher,
  kerasRealFake,
  kerasEvaluation,
  batchStatisticsByDefault,
] as const;

/** What happens several times in a function of another file is reported once, at the call that leads there. */
function onePerPlace(findings: readonly SourceFinding[]): SourceFinding[] {
  const places = new Map<string, SourceFinding>();
  for (const finding of findings) {
    const key = `${finding.rule} ${rangeKey(finding.range)}`;
    if (!places.has(key)) places.set(key, finding);
  }
  return [...places.values()];
}

const TRAINS_KERAS = /\.(fit|fit_generator|train_on_batch)\s*\(|\btraining\s*=\s*True\b/;

/** @param callers Files beside this one that import it. */
export function scriptFindings(
  file: SourceFile,
  resolveModule: ResolveModule | null,
  callers: () => readonly ModuleSource[] = () => [],
): SourceFinding[] {
  const isTorch = isTorchScript(file, resolveModule);
  const isKeras = /\bBatchNormalization\b/.test(file.text) && TRAINS_KERAS.test(file.text);
  const project = { resolveModule, callers };
  const imported = withCallers.flatMap((check) => check(file, project));
  const wanted = [...(isTorch ? checks : []), ...(isKeras ? [kerasFewSteps] : [])];
  if (wanted.length === 0) return imported;
  try {
    const context: ScriptContext = { file, trace: traceScript(file, resolveModule) };
    return onePerPlace([...imported, ...wanted.flatMap((check) => check(context))]);
  } catch (error) {
    // Expressions nested tens of thousands deep exhaust the JavaScript stack.
    if (error instanceof RangeError) return [];
    throw error;
  }
}
