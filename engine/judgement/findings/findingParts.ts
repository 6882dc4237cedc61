/** How rules put a finding together: its layers by name, its line, and words that several of them use. */
import type { RunFinding, Severity } from "../../protocol/finding";
import { momentumOf } from "../../protocol/normalization";
import { USUAL_UPDATE_WEIGHT } from "../../protocol/noiseFloors";
import { listed, thousands, twoDigits, UNKNOWN, withUnit } from "../../protocol/numberText";
import type { LayerFacts } from "./runFacts";

export interface Draft {
  readonly rule: string;
  readonly severity: Severity;
  readonly layers: readonly LayerFacts[];
  readonly step: number | null;
  readonly verdict: string;
  readonly evidence: string;
  readonly next: string;
}

export const findingOf = ({ layers, ...draft }: Draft): RunFinding => ({
  ...draft,
  layers: layers.map(({ layer }) => layer.id),
  // A line of a notebook's cell is no line of a file.
  line: layers.map(({ layer }) => layer.source).find((at) => at?.path === null && at.cell === null)?.line ?? null,
});

/** "bn1", "bn1 and bn2", "bn1, bn2 and 18 more". */
export function namesOf(layers: readonly LayerFacts[]): string {
  const names = layers.map(({ layer }) => layer.name);
  if (names.length <= 2) return names.join(" and ");
  return `${names.slice(0, 2).join(", ")} and ${thousands(names.length - 2)} more`;
}

/** The verb for as many layers: `has` for one, `have` for several. */
export const verb = (layers: readonly LayerFacts[], one: string, several: string): string =>
  layers.length === 1 ? one : several;

/** A share of one as per cent with as many digits as it needs: 0.3 %, 36.6 %, 100 %. */
export const shareText = (share: number | null | undefined): string =>
  share === null || share === undefined ? UNKNOWN : withUnit(String(Number((100 * share).toPrecision(3))), "%");

/** "16 passes", "1 pass", "2.5 passes". */
export function passesText(passes: number): string {
  const number = Number.isInteger(passes) ? thousands(passes) : twoDigits(passes);
  return `${number} pass${passes === 1 ? "" : "es"}`;
}

export const stepText = (step: number): string => `step ${thousands(step)}`;

/** "step 33", "steps 33, 65, 97, …". */
export const stepsText = (steps: readonly number[]): string =>
  `step${steps.length === 1 ? "" : "s"} ${listed(steps.map(thousands))}`;

/** Statistics that are wrong and never used are worth knowing, no more. */
export const ifUsed = (layers: readonly LayerFacts[], severity: Severity): Severity =>
  layers.some(({ isUsed }) => isUsed) ? severity : "information";

/** The one with the largest value; the first of equals. */
export function worstOf<T>(items: readonly T[], value: (item: T) => number): T | undefined {
  let worst: T | undefined;
  for (const item of items) if (worst === undefined || value(item) > value(worst)) worst = item;
  return worst;
}

/** How an update weight is written in the layer's framework: momentum=0.1. */
export const momentumText = ({ isKeras }: LayerFacts, updateWeight: number): string =>
  `momentum=${momentumOf(updateWeight, isKeras ? "keras" : null)}`;

/** "(now 0.003)"; empty where it is unknown or an average of all. */
export const currentMomentum = ({ isKeras, layer }: LayerFacts): string =>
  typeof layer.norm.updateWeight === "number"
    ? ` (now ${momentumOf(layer.norm.updateWeight, isKeras ? "keras" : null)})`
    : "";

export const usualMomentum = (facts: LayerFacts): string => momentumText(facts, USUAL_UPDATE_WEIGHT);

/** How running statistics are computed again in the layer's framework. */
export const recomputeText = ({ isKeras }: LayerFacts): string =>
  isKeras
    ? "run batches of training data with training=True until the moving statistics settle"
    : "compute the running statistics again with torch.optim.swa_utils.update_bn";

const pastOf = { evaluated: "evaluated", saved: "saved", end: "at its end", rhythm: "trained" } as const;

/** "was evaluated at step 90", "were at their end at step 90": what the layers were used for. */
export function usedText(layers: readonly LayerFacts[], when: keyof typeof pastOf, step: number): string {
  if (when === "end") return `${verb(layers, "ends", "end")} at ${stepText(step)}`;
  return `${verb(layers, "was", "were")} ${pastOf[when]} at ${stepText(step)}`;
}
