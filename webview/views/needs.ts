/** What a view requests from the host: the series that it draws, each once. Pure. */
import type { Edge, SeriesKind, SeriesNeed } from "../../engine/protocol/series";
import type { CurveSpec, Situation, ViewSpec } from "./viewSpec";

/** The footer shows the loss of the whole run in every view. */
const always: readonly SeriesNeed[] = [
  { kind: "loss", columns: ["loss"], edges: ["last", "minimum", "maximum"], layers: "run" },
];

/** Whether a view shows samples of the probe batch, which the host reads only then. */
export const needsSamples = ({ extras }: ViewSpec): boolean => extras.some(({ showsSamples }) => showsSamples === true);

type Scope = SeriesNeed["layers"];
/** Points wanted of each edge, by kind, scope and column. */
type Wanted = Map<Edge, number>;
type Asked = Map<SeriesKind, Map<Scope, Map<string, Wanted>>>;
/** As many points as the look says. */
const ALL_POINTS = Number.POSITIVE_INFINITY;

export function needsOf(view: ViewSpec, situation: Situation): SeriesNeed[] {
  const asked: Asked = new Map();
  const ask = (need: SeriesNeed): void => addNeed(asked, need);
  always.forEach(ask);
  if (situation.normRuns > 0 || !view.needsBatchNorm) {
    for (const chart of view.charts)
      for (const curve of chart.drawing(situation).curves) needsOfCurve(curve).forEach(ask);
    if (situation.normRuns > 0)
      for (const { series } of view.spine?.columns(situation) ?? []) if (series) ask({ ...series, layers: "all" });
    for (const { needs = [] } of view.extras)
      needs.filter(({ layers }) => situation.normRuns > 0 || layers !== "selected").forEach(ask);
  }
  return [...asked].flatMap(([kind, scopes]) => needsOfKind(kind, scopes));
}

function needsOfCurve({ series, column, edge = "last", of }: CurveSpec): SeriesNeed[] {
  const layers = of === "others" ? "all" : of;
  return [{ kind: series, columns: [column], edges: [edge], layers }];
}

function addNeed(asked: Asked, { kind, columns, edges, layers, points = ALL_POINTS }: SeriesNeed): void {
  const scopes = asked.get(kind) ?? new Map<Scope, Map<string, Wanted>>();
  const byColumn = scopes.get(layers) ?? new Map<string, Wanted>();
  asked.set(kind, scopes.set(layers, byColumn));
  for (const column of columns) {
    const known = byColumn.get(column) ?? new Map<Edge, number>();
    byColumn.set(column, known);
    for (const edge of edges) known.set(edge, Math.max(points, known.get(edge) ?? 0));
  }
}

/**
 * Columns with the same edges and points share a need. What comes for all layers at the same resolution is not
 * requested again for the selected one.
 */
function needsOfKind(kind: SeriesKind, scopes: ReadonlyMap<Scope, ReadonlyMap<string, Wanted>>): SeriesNeed[] {
  const ofAll = scopes.get("all");
  return [...scopes].flatMap(([layers, byColumn]) => {
    const groups = new Map<string, { columns: string[]; edges: Edge[]; points: number }>();
    for (const [column, wanted] of byColumn) {
      const finer = (edge: Edge): number => (layers === "selected" ? (ofAll?.get(column)?.get(edge) ?? 0) : 0);
      const missing = edgeOrder.filter((edge) => (wanted.get(edge) ?? 0) > finer(edge));
      for (const points of new Set(missing.map((edge) => wanted.get(edge) ?? 0))) {
        const edges = missing.filter((edge) => wanted.get(edge) === points);
        const key = `${edges.join()} ${points}`;
        groups.set(key, { edges, points, columns: [...(groups.get(key)?.columns ?? []), column] });
      }
    }
    return [...groups.values()].map(
      ({ columns, edges, points }) =>
        ({ kind, columns, edges, layers, ...(points === ALL_POINTS ? {} : { points }) }) as SeriesNeed,
    );
  });
}

const edgeOrder: readonly Edge[] = ["last", "minimum", "maximum"];
