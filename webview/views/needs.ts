/** What a view asks the host for: the series of what it draws, each once, and nothing else. Pure. */
import type { Edge, SeriesKind, SeriesNeed } from "../../engine/protocol/series";
import type { CurveSpec, Situation, ViewSpec } from "./viewSpec";

/** The footer shows the loss of the whole run in every view. */
const always: readonly SeriesNeed[] = [{ kind: "loss", columns: ["loss"], edges: ["last"], layers: "run" }];

type Scope = SeriesNeed["layers"];
/** Edges asked for, by kind, scope and column. */
type Asked = Map<SeriesKind, Map<Scope, Map<string, Set<Edge>>>>;

export function needsOf(view: ViewSpec, situation: Situation): SeriesNeed[] {
  const asked: Asked = new Map();
  const ask = (need: SeriesNeed): void => addNeed(asked, need);
  always.forEach(ask);
  if (situation.normRuns > 0 || !view.needsBatchNorm) {
    for (const chart of view.charts)
      for (const curve of chart.drawing(situation).curves) needsOfCurve(curve).forEach(ask);
    if (situation.normRuns > 0)
      for (const { series } of view.spine.columns(situation)) if (series) ask({ ...series, layers: "all" });
    for (const { needs = [] } of view.extras)
      needs.filter(({ layers }) => situation.normRuns > 0 || layers !== "selected").forEach(ask);
  }
  return [...asked].flatMap(([kind, scopes]) => needsOfKind(kind, scopes));
}

function needsOfCurve({ series, column, edge = "last", of }: CurveSpec): SeriesNeed[] {
  const layers = of === "others" ? "all" : of;
  return [{ kind: series, columns: [column], edges: [edge], layers }];
}

function addNeed(asked: Asked, { kind, columns, edges, layers }: SeriesNeed): void {
  const scopes = asked.get(kind) ?? new Map<Scope, Map<string, Set<Edge>>>();
  const byColumn = scopes.get(layers) ?? new Map<string, Set<Edge>>();
  asked.set(kind, scopes.set(layers, byColumn));
  for (const column of columns) {
    const known = byColumn.get(column) ?? new Set<Edge>();
    byColumn.set(column, known);
    for (const edge of edges) known.add(edge);
  }
}

/** Columns with the same edges share a need; what comes for all layers is not asked for the selected one again. */
function needsOfKind(
  kind: SeriesKind,
  scopes: ReadonlyMap<Scope, ReadonlyMap<string, ReadonlySet<Edge>>>,
): SeriesNeed[] {
  const ofAll = scopes.get("all");
  return [...scopes].flatMap(([layers, byColumn]) => {
    const columnsByEdges = new Map<string, string[]>();
    for (const [column, wanted] of byColumn) {
      const missing = [...wanted].filter((edge) => layers !== "selected" || !ofAll?.get(column)?.has(edge));
      if (missing.length === 0) continue;
      const key = edgeOrder.filter((edge) => missing.includes(edge)).join();
      columnsByEdges.set(key, [...(columnsByEdges.get(key) ?? []), column]);
    }
    return [...columnsByEdges].map(
      ([key, columns]) => ({ kind, columns, edges: key.split(","), layers }) as SeriesNeed,
    );
  });
}

const edgeOrder: readonly Edge[] = ["last", "minimum", "maximum"];
