/** What did rules find? Each finding with its evidence, what to do, its line, its charts and its page. */
import { viewTitles } from "../../engine/protocol/judgement";
import { allFindings } from "./parts/findings";
import type { ViewSpec } from "./viewSpec";

export const findings: ViewSpec = {
  id: "findings",
  title: viewTitles.findings,
  needsBatchNorm: false,
  layout: "list",
  widest: 0.5,
  spine: null,
  layerLegend: null,
  charts: [],
  extras: [{ place: "spine", draw: allFindings }],
};
