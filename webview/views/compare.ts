/** What differs between several runs? In words, as settings, and as small charts of the same axes. */
import { viewTitles } from "../../engine/protocol/judgement";
import { comparisonPart } from "./parts/comparison";
import type { ViewSpec } from "./viewSpec";

export const compare: ViewSpec = {
  id: "compare",
  title: viewTitles.compare,
  needsBatchNorm: false,
  isFor: (runs) => runs.length > 1,
  layout: "list",
  widest: 0.5,
  spine: null,
  layerLegend: null,
  charts: [],
  extras: [comparisonPart],
};
