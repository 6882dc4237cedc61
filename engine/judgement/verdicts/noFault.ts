/** What is said of a recorded run in which rules found nothing: what they looked at. */
import { type Answer, isLive, type Part, type Verdict } from "../../protocol/judgement";
import { counted, sigma } from "../../protocol/numberText";
import type { NormLayer } from "../../protocol/records";
import type { JudgedRun } from "../judgedRun";
import { answer, layerPart } from "../parts";
import type { Standing, Standings } from "../standings";

/** A run that was recorded without probes: rules looked at where its layers stand, and found nothing. */
export function noFaultVerdict(judged: JudgedRun, accuracy: readonly Answer[]): Verdict {
  const { summary, state } = judged;
  const looked = summary.normLayers.filter(({ id }) => summary.standings.of(id).length > 0);
  if (looked.length === 0) return { tone: "information", sentence: "No BN layer was looked at.", answers: [] };
  const furthest = furthestBehind(looked, summary.standings);
  return {
    tone: "ok",
    sentence: `No fault found${isLive(state) ? " so far" : ""} in ${counted(looked.length, "BN layer")}.`,
    answers: [
      answer("Looked at", ...lookedAt(judged)),
      ...(furthest
        ? [
            answer(
              "Furthest",
              `Running mean ${sigma(furthest.standing.lag)} behind the batches in `,
              layerPart(furthest.layer),
              `, noise floor ${sigma(furthest.standing.lagFloor)}`,
            ),
          ]
        : []),
      ...accuracy,
      answer("Next", isLive(state) ? "Nothing to do. What rules find is shown here." : "Nothing to do."),
    ],
  };
}

/** What rules look at in a recorded run. */
export function lookedAt({ summary: { standings, segments, checkpoints, rankSamples } }: JudgedRun): Part[] {
  const loads = segments.filter(({ reason }) => reason !== "started-again").length;
  const others = [
    loads > 0 ? counted(loads, "load") : "",
    checkpoints.length > 0 ? counted(checkpoints.length, "checkpoint") : "",
    rankSamples.length > 0 ? "how far processes are apart" : "",
  ].filter(Boolean);
  const first =
    `How layers stand at ${counted(standings.count, "moment")}: running statistics, passes, ` + "batches, γ and ε";
  return [[first, ...others].join("; ")];
}

interface Behind {
  readonly layer: NormLayer;
  readonly standing: Standing;
}

function furthestBehind(layers: readonly NormLayer[], standings: Standings): Behind | null {
  let furthest: Behind | null = null;
  for (const layer of layers) {
    const standing = standings.of(layer.id).findLast(({ lag }) => lag !== null);
    if (standing && (standing.lag ?? 0) > (furthest?.standing.lag ?? -1)) furthest = { layer, standing };
  }
  return furthest;
}
