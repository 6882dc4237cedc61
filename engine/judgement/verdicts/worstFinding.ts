/** A finding as the overview's verdict, where nothing worse is known. */
import type { RunFinding } from "../../protocol/finding";
import type { Part, Verdict, VerdictTone } from "../../protocol/judgement";
import { counted } from "../../protocol/numberText";
import { severityRank } from "../findings/findingsOf";
import { answer, layerPart } from "../parts";
import type { RunSummary } from "../runSummary";

/** Layers that are named one by one. */
const MOST_NAMED = 3;

const toneRank: Readonly<Record<VerdictTone, number>> = {
  busy: 0,
  ok: 0,
  information: 0,
  warning: severityRank.warning,
  error: severityRank.error,
};

/** Where both are as bad, what was measured of the whole run says more than one rule. */
export const isWorse = ({ severity }: RunFinding, tone: VerdictTone): boolean =>
  severityRank[severity] > toneRank[tone];

export function findingVerdict(finding: RunFinding, others: number, summary: RunSummary): Verdict {
  const { severity, verdict, evidence, next } = finding;
  const places = placeParts(finding, summary);
  return {
    tone: severity,
    sentence: verdict,
    answers: [
      ...(places.length > 0 ? [answer("Found in", ...places)] : []),
      ...(evidence === "" ? [] : [answer("Evidence", evidence)]),
      ...(others > 0 ? [answer("Also", counted(others, "more finding"))] : []),
      ...(next === "" ? [] : [answer("Next", next)]),
    ],
  };
}

/** Links to normalization layers; other layers are not in the views. */
function placeParts({ layers, line }: RunFinding, { normLayers }: RunSummary): Part[] {
  const found = normLayers.filter(({ id }) => layers.includes(id));
  const [first] = found;
  if (!first) return [];
  const named = found.slice(0, MOST_NAMED).flatMap((layer): Part[] => [", ", layerPart(layer)]);
  const more = found.length > MOST_NAMED ? [` and ${counted(found.length - MOST_NAMED, "more layer")}`] : [];
  const at: Part[] = line === null || !first.source ? [] : [" on ", { kind: "line", line, layer: first.id }];
  return [...named.slice(1), ...at, ...more];
}
