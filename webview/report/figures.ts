/** Which views a report shows as figures, and what stands above each. */
import type { Judgement, JudgedView, LayerReading } from "../../engine/protocol/judgement";
import type { RunModel } from "../state/runModel";
import { viewsFor } from "../views/allViews";
import { overview } from "../views/overview";
import type { ViewSpec } from "../views/viewSpec";

export interface Figure {
  readonly spec: ViewSpec;
  readonly title: string;
  /** What it shows of this run, in a sentence. */
  readonly caption: string;
}

/** Charts alone: layers and findings have their own places in a report. */
const lossAndAccuracy: ViewSpec = { ...overview, spine: null, extras: [], title: "Accuracy and loss" };

/** Whether a run has what a view draws. */
const has: Readonly<Record<Exclude<JudgedView, "overview" | "findings">, (reading: LayerReading) => boolean>> = {
  drift: ({ shift }) => Number.isFinite(shift),
  convergence: ({ distance }) => Number.isFinite(distance),
  gap: ({ gap }) => Number.isFinite(gap),
  health: ({ gradient, gamma }) => Number.isFinite(gradient) || Number.isFinite(gamma[2]),
  ranks: ({ ranks }) => ranks !== null,
};

export function figuresOf(run: RunModel, { verdicts, layers }: Judgement): Figure[] {
  const hasScores = ["loss" as const, "eval" as const].some((kind) => hasCurve(run, kind));
  const ofLayers = viewsFor([run]).flatMap((spec): Figure[] => {
    const { id, title } = spec;
    if (id === "overview" || id === "findings" || id === "compare" || !layers.some(has[id])) return [];
    const { sentence } = verdicts[id];
    // Where nothing can be judged, all views say the same: once is enough.
    return [{ spec, title, caption: sentence === verdicts.overview.sentence ? "" : sentence }];
  });
  return [...(hasScores ? [{ spec: lossAndAccuracy, title: lossAndAccuracy.title, caption: "" }] : []), ...ofLayers];
}

const hasCurve = (run: RunModel, kind: "loss" | "eval"): boolean =>
  kind === "loss" ? run.curve("loss", "loss").x.length > 0 : run.curve("eval", "runningAccuracy").x.length > 0;
