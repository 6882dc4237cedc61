/** Where the curves that a view needs come from: which tables or records, and which places in them. */
import type { TableName } from "../protocol/numbers";
import {
  type EvalRecord,
  type GapRecord,
  type PopulationRecord,
  type RunRecord,
  selectedLayerOf,
} from "../protocol/records";
import type { RankSample } from "../protocol/ranks";
import type { Edge, SeriesKind, SeriesNeed } from "../protocol/series";
import { recordRows } from "./recordRows";
import type { NumbersTable } from "./numbers/tableIndex";
import { isReadableAs } from "./numbers/tableShape";
import type { RunReader } from "./runReader";

export interface SeriesSource {
  readonly run: RunRecord | null;
  readonly reader: RunReader;
  readonly populations: readonly PopulationRecord[];
  readonly gaps: readonly GapRecord[];
  readonly evals: readonly EvalRecord[];
  readonly rankSamples: readonly RankSample[];
}

/** What of one table goes into a plan. */
export interface TablePart {
  readonly table: NumbersTable;
  /** Where in a frame each curve's value is; −1 where the table does not have it. */
  readonly places: Int32Array;
  /** Which sample of the plan each frame is; null when they are the same. */
  readonly sampleOf: Int32Array | null;
}

/** Puts the values of a record into curves. */
export type PutRow = (sample: number, put: (curve: number, value: number) => void) => void;

/** One block to be: curves that share their steps. A curve is a layer (or the run) and a column. */
export interface SeriesPlan {
  readonly key: string;
  readonly kind: SeriesKind;
  readonly layers: readonly string[] | null;
  readonly columns: readonly string[];
  readonly edges: readonly Edge[];
  /** Points that can be distinguished, whatever the request says. */
  readonly points: number;
  /** Of each sample, sorted. */
  readonly steps: Float64Array;
  readonly from: { readonly tables: readonly TablePart[] } | { readonly row: PutRow };
}

const tableOfKind = { loss: "steps", norm: "norms", activity: "activity" } as const;

export function seriesPlans(source: SeriesSource, needs: readonly SeriesNeed[], selected: string | null): SeriesPlan[] {
  return needs.flatMap((need, index) => {
    const { kind } = need;
    const layer = need.layers === "selected" ? selectedOf(source.run, selected, kind) : null;
    if (need.layers === "selected" && layer === null) return [];
    if (kind === "loss" || kind === "norm" || kind === "activity")
      return tablePlans(source, { ...need, kind }, layer).map((plan) => ({ ...plan, key: `${index} ${plan.key}` }));
    const { layers, steps, row } = recordRows(source, kind, need.columns, layer);
    if (steps.length === 0) return [];
    const { columns, edges } = need;
    const key = `${index} ${layers?.join("\n")}`;
    return [{ key, kind, layers, columns, edges, points: pointsOf(need), steps, from: { row } }];
  });
}

const pointsOf = ({ points }: SeriesNeed): number => points ?? Number.POSITIVE_INFINITY;

/** Activity is of any layer, everything else of normalization layers. */
function selectedOf(run: RunRecord | null, selected: string | null, kind: SeriesKind): string | null {
  if (kind === "activity" && run?.layers.some(({ id }) => id === selected)) return selected;
  return selectedLayerOf(run, selected)?.id ?? null;
}

/** A plan for each set of layers that are in the same tables: they were sampled at the same steps. */
function tablePlans(
  { reader }: SeriesSource,
  need: SeriesNeed & { readonly kind: keyof typeof tableOfKind },
  layer: string | null,
): SeriesPlan[] {
  const { kind, columns, edges } = need;
  const tables = (reader.ranks.get(0)?.tables ?? []).filter(
    ({ count, declaration }) => count > 0 && isReadableAs(tableOfKind[kind] satisfies TableName, declaration),
  );
  return layerGroups(tables, layer).map(([members, layers]) => {
    const { steps, samplesOf } = merged(members);
    const parts = members.map((table, index) => ({
      table,
      places: placesIn(table, layers, columns),
      sampleOf: samplesOf?.[index] ?? null,
    }));
    const points = pointsOf(need);
    return { key: layers?.join("\n") ?? "", kind, layers, columns, edges, points, steps, from: { tables: parts } };
  });
}

type LayerGroup = readonly [tables: readonly NumbersTable[], layers: readonly string[] | null];

function layerGroups(tables: readonly NumbersTable[], wanted: string | null): LayerGroup[] {
  if (tables.length === 0) return [];
  const tablesOf = new Map<string, NumbersTable[]>();
  for (const table of tables)
    for (const layer of table.declaration.layers)
      if (wanted === null || layer === wanted) {
        const known = tablesOf.get(layer);
        if (known) known.push(table);
        else tablesOf.set(layer, [table]);
      }
  if (tables[0]?.declaration.layers.length === 0) return [[tables, null]];
  const groups = new Map<string, { tables: NumbersTable[]; layers: string[] }>();
  for (const [layer, members] of tablesOf) {
    const key = members.map(({ number }) => number).join();
    const known = groups.get(key);
    if (known) known.layers.push(layer);
    else groups.set(key, { tables: members, layers: [layer] });
  }
  return [...groups.values()].map(({ tables: members, layers }) => [members, layers]);
}

function placesIn(
  { declaration }: NumbersTable,
  layers: readonly string[] | null,
  columns: readonly string[],
): Int32Array {
  const columnPlaces = columns.map((column) => declaration.columns.indexOf(column));
  const layerPlaces = new Map(declaration.layers.map((layer, index) => [layer, index]));
  const width = declaration.columns.length;
  return Int32Array.from(
    (layers ?? [null]).flatMap((layer) => {
      const row = layer === null ? 0 : layerPlaces.get(layer);
      return columnPlaces.map((column) => (row === undefined || column < 0 ? -1 : row * width + column));
    }),
  );
}

/** The frames of several tables as one series, by step; of equal steps a later table's comes later. */
function merged(tables: readonly NumbersTable[]): { steps: Float64Array; samplesOf: Int32Array[] | null } {
  const [only] = tables;
  if (only && tables.length === 1) return { steps: only.steps, samplesOf: null };
  const frames = tables.flatMap(({ steps }, table) => [...steps].map((step, frame) => ({ step, table, frame })));
  frames.sort((a, b) => a.step - b.step || a.table - b.table);
  const samplesOf = tables.map(({ count }) => new Int32Array(count));
  frames.forEach(({ table, frame }, sample) => {
    const samples = samplesOf[table];
    if (samples) samples[frame] = sample;
  });
  return { steps: Float64Array.from(frames, ({ step }) => step), samplesOf };
}
