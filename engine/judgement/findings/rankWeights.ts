/** Processes that each train their own model: their γ and β should be the same bits. */
import type { RunFinding } from "../../protocol/finding";
import { thousands } from "../../protocol/numberText";
import type { RankSample } from "../../protocol/ranks";
import { findingOf, namesOf, shareText, stepText, verb, worstOf } from "./findingParts";
import { isCopy, type LayerFacts, type RunFacts } from "./runFacts";

/** Weights that are trained apart differ in every channel; a few channels may differ by the last bit of a device. */
const MOST_CHANNELS = 0.5;

export function ranksTrainApart({ layers, rankSamples, summary }: RunFacts): RunFinding[] {
  const apart = layers.filter((facts) => !isCopy(facts)).flatMap((facts) => apartIn(facts, rankSamples));
  const worst = worstOf(apart, ({ newest }) => newest.affineApart);
  if (!worst) return [];
  const found = apart.map(({ facts }) => facts);
  const { facts, newest, since } = worst;
  return [
    findingOf({
      rule: "ranks-train-apart",
      severity: "error",
      layers: found,
      step: since.step,
      verdict:
        `${namesOf(found)} ${verb(found, "has", "have")} different weights in each process: the ` +
        "processes train separate models.",
      evidence:
        `At ${stepText(newest.step)}, γ or β of ${shareText(newest.affineApart)} of the channels of ` +
        `${facts.layer.name} ` +
        `differ between rank 0 and another of ${thousands(summary.run?.ranks ?? 1)} ranks. With ` +
        "DistributedDataParallel " +
        "they are the same bits.",
      next: "Wrap the model in DistributedDataParallel and call the wrapper in training, not the model in it.",
    }),
  ];
}

/** At the newest step and at half of all that are known. */
function apartIn(
  facts: LayerFacts,
  samples: readonly RankSample[],
): { readonly facts: LayerFacts; readonly newest: RankSample; readonly since: RankSample }[] {
  const known = samples.filter(
    ({ layer, step, affineApart }) => layer === facts.layer.id && step > 0 && Number.isFinite(affineApart),
  );
  const newest = known.at(-1);
  const apart = known.filter(({ affineApart }) => affineApart >= MOST_CHANNELS);
  const [since] = apart;
  if (!newest || !since || newest !== apart.at(-1) || 2 * apart.length < known.length) return [];
  return [{ facts, newest, since }];
}
