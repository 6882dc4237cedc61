/** One run in the panel: what the host sent about it, its curves, and what views read from them. */
import { type LayerReading, isLive } from "../../engine/protocol/judgement";
import { type NormLayer, normLayersOf } from "../../engine/protocol/records";
import type { ColumnName, Edge, SeriesKind } from "../../engine/protocol/series";
import type { RunUpdate, RunView } from "../protocol";
import { type Branches, branchesOf } from "./branches";
import { type Curve, CurveStore } from "./curveStore";

/** What is derived from the host's view of the run. */
interface Derived {
  readonly view: RunView;
  readonly layers: readonly NormLayer[];
  readonly readings: readonly LayerReading[];
  readonly byId: ReadonlyMap<string, LayerReading>;
  readonly branches: Branches;
}

export class RunModel {
  private readonly curves = new CurveStore();
  private known: Derived | null = null;

  constructor(public view: RunView) {}

  get id(): string {
    return this.view.id;
  }

  /** Normalization layers, input to output. */
  get normLayers(): readonly NormLayer[] {
    return this.derived().layers;
  }

  /** A reading of every normalization layer, in their order; all NaN where nothing was judged yet. */
  get readings(): readonly LayerReading[] {
    return this.derived().readings;
  }

  /** How the network branches between its normalization layers. */
  get branches(): Branches {
    return this.derived().branches;
  }

  readingOf(layer: string): LayerReading | undefined {
    return this.derived().byId.get(layer);
  }

  layerOf(id: string): NormLayer | undefined {
    return this.normLayers.find((layer) => layer.id === id);
  }

  get hasBatchNorm(): boolean {
    return this.normLayers.length > 0;
  }

  get isLive(): boolean {
    return isLive(this.view.state);
  }

  curve<Kind extends SeriesKind>(
    kind: Kind,
    column: ColumnName<Kind>,
    layer: string | null = null,
    edge: Edge = "last",
  ): Curve {
    return this.curves.curve(kind, column, layer, edge);
  }

  /** The value at the last point up to `step` (null: the last point); NaN if there is none. */
  valueAt<Kind extends SeriesKind>(
    step: number | null,
    kind: Kind,
    column: ColumnName<Kind>,
    layer: string | null = null,
  ): number {
    const { x, y } = this.curve(kind, column, layer);
    return y[indexAt(x, step)] ?? Number.NaN;
  }

  layersWith<Kind extends SeriesKind>(kind: Kind, column: ColumnName<Kind>): readonly string[] {
    return this.curves.layersWith(kind, column, "last");
  }

  /** `gap` when points before the new ones are missing; `forgot` when older curves were removed. */
  applySeries(series: RunUpdate["series"], look: number): "applied" | "gap" | "forgot" {
    if (!series.every((block) => this.curves.apply(block, look))) return "gap";
    return this.curves.forgetOldest() ? "forgot" : "applied";
  }

  /** Computed once for each update from the host. */
  private derived(): Derived {
    const { view, known } = this;
    if (known?.view.run === view.run && known.view.judgement === view.judgement) return known;
    const { layers, branches } = known?.view.run === view.run ? known : networkOf(view);
    const judged = new Map(view.judgement?.layers.map((reading) => [reading.id, reading]));
    const readings = layers.map((layer) => judged.get(layer.id) ?? unjudged(layer));
    const byId = new Map(readings.map((reading) => [reading.id, reading]));
    this.known = { view, layers, readings, byId, branches };
    return this.known;
  }
}

const networkOf = ({ run }: RunView): Pick<Derived, "layers" | "branches"> => ({
  layers: normLayersOf(run),
  branches: branchesOf(run?.layers ?? []),
});

/** The reading of a layer of which nothing is known yet. */
export function unjudged({ id, name }: Pick<NormLayer, "id" | "name">): LayerReading {
  const nan = Number.NaN;
  return {
    ...{ id, name, shift: nan, shiftFloor: nan, varianceRatio: nan, gap: nan, alone: nan, gapFloor: nan },
    ...{
      distance: nan,
      firstDistance: nan,
      distanceFloor: nan,
      updatesLeft: nan,
      varianceDistance: nan,
      varianceFloor: nan,
    },
    ...{ batchMean: nan, batchVariance: nan, runningMean: nan, runningVariance: nan },
    ...{ populationMean: nan, populationVariance: nan, passes: nan, gradient: nan, ranks: null },
    ...{ gamma: [nan, nan, nan, nan, nan], beta: [nan, nan, nan, nan, nan] },
    ...{ shiftSeverity: "unknown", gapSeverity: "unknown", distanceSeverity: "unknown", severity: "unknown" },
  };
}

/** Index of the last x up to `step`; −1 if all are after it. */
export function indexAt(x: ArrayLike<number>, step: number | null): number {
  if (step === null) return x.length - 1;
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? Number.POSITIVE_INFINITY) <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
