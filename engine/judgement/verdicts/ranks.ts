/** Whether the processes of a training agree on their statistics. */
import { type Answer, isAbove, type LayerReading, type RankReading, type Verdict } from "../../protocol/judgement";
import { counted, sigma, thousands, timesText } from "../../protocol/numberText";
import { buffersAreBroadcast } from "../../protocol/ranks";
import type { JudgedRun } from "../judgedRun";
import { answer, code, layerPart, toneOf } from "../parts";

type Compared = LayerReading & { readonly ranks: RankReading };

export function ranksVerdict({ readings, summary }: JudgedRun): Verdict {
  const processes = summary.run?.ranks ?? 1;
  if (processes < 2) return { tone: "information", sentence: "One process trains: there are no ranks.", answers: [] };
  const compared = readings.filter((reading): reading is Compared => reading.ranks !== null);
  const worst = furthest(compared);
  if (!worst)
    return {
      tone: "information",
      sentence: `${thousands(processes)} processes train together; they cannot be compared yet.`,
      answers: [answer("Compared", "At steps that rank 0 and another process both recorded")],
    };
  const apart = compared.filter(({ ranks }) => isAbove(ranks.severity));
  const what = buffersAreBroadcast(summary.run) ? "batches" : "running statistics";
  const answers = [whereOf(worst, processes), ...pooledOf(worst), ...samplesOf(worst, processes)];
  if (apart.length === 0)
    return {
      tone: toneOf(compared.map(({ ranks }) => ranks.severity)),
      sentence: `The ${what} of the ${processes} processes agree.`,
      answers: [...answers, answer("Next", "Nothing to do.")],
    };
  return {
    tone: toneOf(apart.map(({ ranks }) => ranks.severity)),
    sentence:
      `The ${what} of the ${processes} processes are apart in ${apart.length} of ` +
      `${counted(compared.length, "layer")}.`,
    answers: [
      ...answers,
      answer(
        "Next",
        "Convert the model with ",
        code("torch.nn.SyncBatchNorm.convert_sync_batchnorm"),
        ", or give each process a random share of all data.",
      ),
    ],
  };
}

/** The layer that is most above its floor, in times of it; where none has a floor, the one that is furthest. */
function furthest(compared: readonly Compared[]): Compared | undefined {
  const size = ({ ranks: { distance, floor } }: Compared): number => (floor > 0 ? distance / floor : distance);
  return compared
    .filter(({ ranks }) => Number.isFinite(ranks.distance))
    .reduce<Compared | undefined>((best, one) => (best && size(best) >= size(one) ? best : one), undefined);
}

const whereOf = (worst: Compared, processes: number): Answer =>
  answer(
    "Furthest",
    layerPart(worst),
    `: rank ${worst.ranks.rank} of ${processes} is ${sigma(worst.ranks.distance)} from rank 0 at step ` +
      `${thousands(worst.ranks.step)}, noise floor ${sigma(worst.ranks.floor)}`,
  );

const pooledOf = ({ ranks: { pooledShift, pooledVarianceRatio } }: Compared): Answer[] =>
  Number.isFinite(pooledShift)
    ? [
        answer(
          "SyncBN",
          `Would move rank 0’s batch mean by ${sigma(pooledShift)} and make its variance ` +
            timesText(pooledVarianceRatio),
        ),
      ]
    : [];

const samplesOf = ({ ranks: { samples } }: Compared, processes: number): Answer[] =>
  Number.isFinite(samples)
    ? [
        answer(
          "Samples",
          `${thousands(samples)} a channel in each process, ${thousands(samples * processes)} with SyncBatchNorm`,
        ),
      ]
    : [];
