/** The curves that stand in records: one row a record, in the order of steps. */
import { judgedFloors, judgedVarianceFloor } from "../protocol/noiseFloors";
import {
  type EvalRecord,
  type GapLayer,
  type GapRecord,
  normLayersOf,
  type PopulationLayer,
  type PopulationRecord,
  type RunRecord,
  type UpdateWeight,
} from "../protocol/records";
import { buffersAreBroadcast, distanceOfRanks, type RankSample } from "../protocol/ranks";
import type { ColumnName, SeriesKind } from "../protocol/series";

export interface RecordLists {
  readonly run: RunRecord | null;
  readonly populations: readonly PopulationRecord[];
  readonly gaps: readonly GapRecord[];
  readonly evals: readonly EvalRecord[];
  /** By step. */
  readonly rankSamples: readonly RankSample[];
}

export interface RecordRows {
  /** Null for curves of the run itself. */
  readonly layers: readonly string[] | null;
  readonly steps: Float64Array;
  /** Puts the values of a row: a curve is a layer and a column. */
  readonly row: (index: number, put: (curve: number, value: number) => void) => void;
}

type RecordKind = Exclude<SeriesKind, "loss" | "norm" | "activity">;
type Cell = number | null | undefined;
type Readers<Item, Column extends string> = Readonly<Record<Column, (item: Item) => Cell>>;

const evalReaders: Readers<EvalRecord, ColumnName<"eval">> = {
  runningAccuracy: ({ running }) => running?.accuracy,
  populationAccuracy: ({ population }) => population?.accuracy,
  batchAccuracy: ({ batch }) => batch?.accuracy,
  runningLoss: ({ running }) => running?.loss,
  populationLoss: ({ population }) => population?.loss,
  batchLoss: ({ batch }) => batch?.loss,
  samples: ({ samples }) => samples,
};

const shareOf = (flips: Cell, samples: number | null): Cell =>
  typeof flips === "number" && samples !== null && samples > 0 ? flips / samples : null;

const outputReaders: Readers<GapRecord, ColumnName<"outputGap">> = {
  flipShare: ({ output, samples }) => shareOf(output?.flips, samples),
  flipShareWithPopulation: ({ output, samples }) => shareOf(output?.flipsWithPopulation, samples),
  probabilityShift: ({ output }) => output?.probabilityShift,
  probabilityShiftWithPopulation: ({ output }) => output?.probabilityShiftWithPopulation,
};

/** Floors are drawn as they are judged by: at the usual update weight where the layer's own is larger. */
function populationReaders(run: RunRecord | null): Readers<PopulationLayer, ColumnName<"population">> {
  const weights = new Map(normLayersOf(run).map(({ id, norm }) => [id, norm.updateWeight]));
  const weightOf = ({ layer }: PopulationLayer): UpdateWeight => weights.get(layer) ?? null;
  const floors = (item: PopulationLayer) =>
    judgedFloors(
      { noiseFloor: item.noiseFloor ?? Number.NaN, shiftNoiseFloor: item.shiftNoiseFloor ?? Number.NaN },
      weightOf(item),
    );
  return {
    meanMedian: ({ mean }) => mean?.[2],
    varianceMedian: ({ variance }) => variance?.[2],
    meanDistance: ({ meanDistance }) => meanDistance,
    varianceDistance: ({ varianceDistance }) => varianceDistance,
    noiseFloor: (item) => floors(item).noiseFloor,
    varianceNoiseFloor: (item) => judgedVarianceFloor(item.varianceNoiseFloor ?? Number.NaN, weightOf(item)),
    shiftNoiseFloor: (item) => floors(item).shiftNoiseFloor,
  };
}

const gapReaders: Readers<GapLayer, ColumnName<"gap">> = {
  gap: ({ gap }) => gap,
  alone: ({ alone }) => alone,
  noiseFloor: ({ noiseFloor }) => noiseFloor,
};

function rankReaders(run: RunRecord | null): Readers<RankSample, ColumnName<"ranks">> {
  const weights = new Map(normLayersOf(run).map(({ id, norm }) => [id, norm.updateWeight]));
  const isBroadcast = buffersAreBroadcast(run);
  return {
    distance: (sample) => distanceOfRanks(sample, isBroadcast, weights.get(sample.layer) ?? null),
    varianceRatio: ({ logVarianceRatio }) => Math.exp(logVarianceRatio),
    pooledShift: ({ pooledShift }) => pooledShift,
    pooledVarianceRatio: ({ pooledVarianceRatio }) => pooledVarianceRatio,
  };
}

/** The samples of one step as one row. */
function rankSteps(samples: readonly RankSample[]): { step: number; layers: RankSample[] }[] {
  const steps = new Map<number, RankSample[]>();
  for (const sample of samples) steps.set(sample.step, [...(steps.get(sample.step) ?? []), sample]);
  return [...steps].map(([step, layers]) => ({ step, layers }));
}

/** `layer`: only of this one; null for all. An unknown column stays empty. */
export function recordRows(
  { run, populations, gaps, evals, rankSamples }: RecordLists,
  kind: RecordKind,
  columns: readonly string[],
  layer: string | null,
): RecordRows {
  switch (kind) {
    case "eval":
      return runRows(sorted(evals), pick(evalReaders, columns));
    case "outputGap":
      return runRows(sorted(gaps), pick(outputReaders, columns));
    case "population":
      return layerRows(sorted(populations), pick(populationReaders(run), columns), layer);
    case "ranks":
      return layerRows(sorted(rankSteps(rankSamples)), pick(rankReaders(run), columns), layer);
    case "gap":
      return layerRows(sorted(gaps), pick(gapReaders, columns), layer);
  }
}

type Reader<Item> = ((item: Item) => Cell) | undefined;

const pick = <Item>(readers: Readers<Item, string>, columns: readonly string[]): Reader<Item>[] =>
  columns.map((column) => (Object.hasOwn(readers, column) ? readers[column] : undefined));

const sorted = <Item extends { readonly step: number }>(records: readonly Item[]): readonly Item[] =>
  records.some(({ step }, index) => step < (records[index - 1]?.step ?? 0))
    ? [...records].sort((a, b) => a.step - b.step)
    : records;

const stepsOf = (records: readonly { readonly step: number }[]): Float64Array =>
  Float64Array.from(records, ({ step }) => step);

function runRows<Item extends { readonly step: number }>(
  records: readonly Item[],
  readers: readonly Reader<Item>[],
): RecordRows {
  const row: RecordRows["row"] = (index, put) => {
    const record = records[index];
    if (record) readers.forEach((read, curve) => put(curve, read?.(record) ?? Number.NaN));
  };
  return { layers: null, steps: stepsOf(records), row };
}

function layerRows<Item extends { readonly layer: string }>(
  records: readonly { readonly step: number; readonly layers: readonly Item[] }[],
  readers: readonly Reader<Item>[],
  wanted: string | null,
): RecordRows {
  const places = new Map<string, number>();
  for (const { layers } of records)
    for (const { layer } of layers)
      if ((wanted === null || layer === wanted) && !places.has(layer)) places.set(layer, places.size);
  const row: RecordRows["row"] = (index, put) => {
    for (const item of records[index]?.layers ?? []) {
      const place = places.get(item.layer);
      if (place === undefined) continue;
      readers.forEach((read, column) => put(place * readers.length + column, read?.(item) ?? Number.NaN));
    }
  };
  return { layers: [...places.keys()], steps: places.size > 0 ? stepsOf(records) : new Float64Array(), row };
}
