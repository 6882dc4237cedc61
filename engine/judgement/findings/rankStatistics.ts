/** Processes whose running statistics are those of their own data: a checkpoint keeps rank 0's. */
import type { RunFinding } from "../../protocol/finding";
import { fileName, sigma, timesText } from "../../protocol/numberText";
import type { CheckpointRecord } from "../../protocol/records";
import { buffersAreBroadcast, type RankSample } from "../../protocol/ranks";
import { isAbove } from "../../protocol/judgement";
import { rankDistance } from "../rankReadings";
import { judge } from "../severity";
import { findingOf, ifUsed, namesOf, stepText, verb, worstOf } from "./findingParts";
import { isTracked, type LayerFacts, type RunFacts } from "./runFacts";

interface Apart {
  readonly facts: LayerFacts;
  readonly newest: RankSample;
  readonly since: RankSample;
  /** In σ: of the running means, or of the batches where every step begins with rank 0's statistics. */
  readonly distance: number;
  readonly floor: number;
}

export function ranksApart(run: RunFacts): RunFinding[] {
  const apart = run.layers.filter(isTracked).flatMap((facts) => apartIn(run, facts));
  const worst = worstOf(apart, ({ distance }) => distance);
  if (!worst) return [];
  const found = apart.map(({ facts }) => facts);
  const what = isBroadcast(run) ? "batches" : "running statistics";
  return [
    findingOf({
      rule: "ranks-apart",
      severity: ifUsed(found, judge(worst.distance, worst.floor) === "error" ? "error" : "warning"),
      layers: found,
      step: worst.since.step,
      verdict:
        `${namesOf(found)} ${verb(found, "has", "have")} different ${what} in each process, and ` +
        `${checkpointIn(run)} keeps those of rank ${newestCheckpoint(run)?.rank ?? 0}.`,
      evidence: evidenceOf(worst, isBroadcast(run) ? "batch" : "running"),
      next:
        "Convert the model with torch.nn.SyncBatchNorm.convert_sync_batchnorm, or give each process a " +
        "random share of " +
        "all data (DistributedSampler with shuffle=True).",
    }),
  ];
}

const newestCheckpoint = ({ summary }: RunFacts): CheckpointRecord | undefined =>
  summary.checkpoints.findLast(({ statistics }) => statistics !== false);

/** The file that was saved last, where one was. */
function checkpointIn(run: RunFacts): string {
  const saved = newestCheckpoint(run);
  return saved?.path ? `${fileName(saved.path)} of ${stepText(saved.step)}` : "a checkpoint";
}

const isBroadcast = ({ summary }: RunFacts): boolean => buffersAreBroadcast(summary.run);

function apartIn(run: RunFacts, facts: LayerFacts): Apart[] {
  const samples = run.rankSamples.filter(({ layer, step }) => layer === facts.layer.id && step > 0);
  const measured = samples.map((sample) => ({ sample, ...rankDistance(run, facts, sample) }));
  const known = measured.filter(({ distance }) => Number.isFinite(distance));
  const newest = known.at(-1);
  if (!newest) return [];
  const isFar = (entry: (typeof known)[number]): boolean => isAbove(judge(entry.distance, entry.floor));
  const far = known.filter(isFar);
  // One step may be chance; at half of them, and at the newest, it is how the processes are.
  if (!isFar(newest) || 2 * far.length < known.length) return [];
  return [{ facts, newest: newest.sample, since: (far[0] ?? newest).sample, ...newest }];
}

function evidenceOf({ facts, newest, distance, floor }: Apart, what: string): string {
  const variance = Number.isFinite(newest.logVarianceRatio)
    ? ` Its running variance is ${timesText(Math.exp(newest.logVarianceRatio))} that of rank 0.`
    : "";
  const pooled =
    Number.isFinite(newest.pooledShift) && Number.isFinite(newest.pooledVarianceRatio)
      ? ` Statistics over all ranks would move the batch mean of rank 0 by ${sigma(newest.pooledShift)} and make its ` +
        `variance ${timesText(newest.pooledVarianceRatio)}.`
      : "";
  const noise = floor > 0 ? ` (noise ${sigma(floor)})` : "";
  return (
    `At ${stepText(newest.step)}, the ${what} means of ${facts.layer.name} in rank ${newest.rank} are ` +
    `${sigma(distance)} from those of rank 0${noise}.${variance}${pooled}`
  );
}
