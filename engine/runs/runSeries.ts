/** A run's records as columns a chart can draw, grown record by record. */
import type { AnyRecord, GapRecord, NormRecord, PopulationRecord } from "../protocol/records";
import { type SeriesKey, kindOfSeries, seriesColumns } from "../protocol/seriesColumns";
import { Series } from "./series";

export class RunSeries {
  private readonly series = new Map<SeriesKey, Series>();

  get keys(): SeriesKey[] {
    return [...this.series.keys()];
  }

  get(key: SeriesKey): Series | undefined {
    return this.series.get(key);
  }

  /** Takes a record of any type; those that are not drawn over steps change nothing. */
  append(record: AnyRecord): void {
    switch (record.type) {
      case "step":
        this.of("loss").append(record.step, [record.loss]);
        return;
      case "norm":
        this.of(`norm/${record.layer}`).append(record.step, normRow(record));
        return;
      case "population":
        for (const layer of record.layers)
          this.of(`population/${layer.layer}`).append(record.step, populationRow(layer));
        return;
      case "gap":
        for (const { layer, gap, alone, noiseFloor } of record.layers)
          this.of(`gap/${layer}`).append(record.step, [gap, alone, noiseFloor]);
        this.of("outputGap").append(record.step, outputRow(record));
        return;
      case "eval": {
        const { running, population, batch } = record;
        this.of("eval").append(record.step, [
          running.accuracy,
          population?.accuracy ?? null,
          batch?.accuracy ?? null,
          running.loss,
          population?.loss ?? null,
          batch?.loss ?? null,
          record.samples,
        ]);
        return;
      }
      case "run":
      case "layers":
      case "finding":
      case "end":
        return;
    }
  }

  private of(key: SeriesKey): Series {
    const known = this.series.get(key);
    if (known) return known;
    const fresh = new Series(seriesColumns[kindOfSeries(key)].length);
    this.series.set(key, fresh);
    return fresh;
  }
}

function normRow(record: NormRecord): (number | null)[] {
  const [runningMeanMin = null, , runningMeanMedian = null, , runningMeanMax = null] = record.runningMean ?? [];
  const [runningVarianceMin = null, , runningVarianceMedian = null, , runningVarianceMax = null] =
    record.runningVariance ?? [];
  return [
    ...record.batchMean,
    ...record.batchVariance,
    runningMeanMin,
    runningMeanMedian,
    runningMeanMax,
    runningVarianceMin,
    runningVarianceMedian,
    runningVarianceMax,
    record.meanShift,
    record.varianceRatio,
    record.gradientNorm,
  ];
}

const populationRow = (layer: PopulationRecord["layers"][number]): (number | null)[] => [
  layer.mean[2],
  layer.variance[2],
  layer.meanDistance,
  layer.varianceDistance,
  layer.noiseFloor,
  layer.varianceNoiseFloor,
  layer.shiftNoiseFloor,
];

function outputRow({ samples, output }: GapRecord): (number | null)[] {
  return [
    output.flips / samples,
    output.flipsWithPopulation === null ? null : output.flipsWithPopulation / samples,
    output.probabilityShift,
    output.probabilityShiftWithPopulation,
  ];
}
