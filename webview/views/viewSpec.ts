/**
 * A view as plain data: its title, the columns of its spine, its charts and their curves. What it requests from the
 * host is derived from that (needs.ts), and viewPart.ts draws it. To add a view, add a file like these and a line in
 * allViews.ts.
 */
import type { TemplateResult } from "lit-html";
import type { LayerReading, ViewId } from "../../engine/protocol/judgement";
import type { NormLayer } from "../../engine/protocol/records";
import type { ColumnName, Edge, SeriesKind, SeriesNeed } from "../../engine/protocol/series";
import type { BandConfig, LineConfig, YAxisConfig } from "../charts/chartConfig";
import type { HeatColors, HeatRow } from "../marks/heatRow";
import type { PanelActions, Surroundings } from "../panels/context";
import type { LegendItem, RampSpec } from "../panels/legend";
import type { Curve } from "../state/curveStore";
import type { PanelModel } from "../state/panelModel";
import type { RunModel } from "../state/runModel";
import type { Range } from "../state/store";
import type { Unit } from "../ui/format";

/** Everything that a view is drawn from. */
export interface ViewFrame extends Surroundings {
  readonly model: PanelModel;
  /** The run whose layers are shown. */
  readonly run: RunModel;
  readonly layer: NormLayer | undefined;
  readonly range: Range;
}

/** Decides which of a chart's drawings is shown. */
export interface Situation {
  readonly runs: number;
  /** Runs that have batch normalization. */
  readonly normRuns: number;
}

/** The series of every normalization layer that a spine's column draws. */
export type ColumnSeries = {
  readonly [Kind in SeriesKind]: {
    readonly kind: Kind;
    readonly columns: readonly ColumnName<Kind>[];
    readonly edges: readonly Edge[];
    readonly points?: number;
  };
}[SeriesKind];

export interface AxisMark {
  /** Share of the column's width. */
  readonly at: number;
  readonly text: string;
}

export interface SpineCell {
  readonly element: Element;
  update(reading: LayerReading, frame: ViewFrame): void;
}

export interface SpineColumn {
  readonly title: (frame: ViewFrame) => string;
  /** The column's width, as a grid track. */
  readonly track: string;
  readonly series?: ColumnSeries;
  /** Whether it is a strip over steps: hovering it moves the step in all charts, and it shows the pinned step. */
  readonly overSteps?: boolean;
  readonly wideOnly?: boolean;
  readonly alignEnd?: boolean;
  readonly axis?: (frame: ViewFrame) => readonly AxisMark[];
  /** The cell of one layer; for a folded stage, of its worst layer. */
  readonly create: () => SpineCell;
  /** For a column of heat strips: in a deep network one sheet draws them all, with each layer of a folded stage. */
  readonly heat?: HeatColumn;
}

export interface HeatColumn {
  readonly colors: HeatColors;
  readonly row: (reading: LayerReading, frame: ViewFrame) => HeatRow;
}

interface CurveOf<Kind extends SeriesKind> {
  readonly series: Kind;
  readonly column: ColumnName<Kind>;
  readonly edge?: Edge;
  /** The run itself, its selected layer, or each of its other layers. */
  readonly of: "run" | "selected" | "others";
  /** The runs it is drawn for, where several are compared; `first` is the run whose layers are shown. */
  readonly runs?: "first" | "each";
  /** `run` as colour or name means that of the run. */
  readonly line: Omit<LineConfig, "color" | "name"> & {
    readonly name: LineConfig["name"];
    readonly color: LineConfig["color"] | "run";
  };
  readonly transform?: (curve: Curve) => Curve;
}

/** A column of a series, the run or layers it is of, and how it is drawn. */
export type CurveSpec = { readonly [Kind in SeriesKind]: CurveOf<Kind> }[SeriesKind];

/** One way to draw a chart. Later curves are drawn over earlier ones. */
export interface Drawing {
  readonly heading: string;
  readonly remark?: string;
  /** For screen readers and as the table's caption. */
  readonly title: (layer: string) => string;
  readonly curves: readonly CurveSpec[];
  /** Areas between two curves, by their names. */
  readonly bands?: readonly (Pick<BandConfig, "color" | "alpha"> & {
    readonly upper: string;
    readonly lower: string;
  })[];
  /** Name of the curve that is the noise floor. */
  readonly floor?: string;
}

export interface ChartSpec {
  readonly id: string;
  readonly unit: Unit;
  readonly y: YAxisConfig;
  readonly sides: (narrow: boolean) => { readonly axisWidth: number; readonly labelWidth: number };
  readonly drawing: (situation: Situation) => Drawing;
  /** At the right of the heading. */
  readonly aside?: (frame: ViewFrame) => string;
}

export interface SpineSpec {
  readonly heading: string;
  readonly label: string;
  readonly columns: (situation: Situation) => readonly SpineColumn[];
  readonly ramps?: readonly RampSpec[];
  readonly legend: (situation: Situation) => readonly LegendItem[];
  readonly note?: string;
}

/** Something that a view shows besides its charts and its spine. */
export interface ExtraPart {
  /** Under the charts, or under the spine. */
  readonly place: "charts" | "spine";
  readonly needs?: readonly SeriesNeed[];
  /** Whether it shows samples of the probe batch. */
  readonly showsSamples?: boolean;
  readonly draw: (frame: ViewFrame, actions: PanelActions) => TemplateResult | null;
}

export interface ViewSpec {
  readonly id: ViewId;
  readonly title: string;
  /** On its tab, where the title is too long for it. */
  readonly tab?: string;
  readonly needsBatchNorm: boolean;
  readonly layout: "chartsFirst" | "spineFirst" | "stripsAbove" | "list";
  /** Whether these runs have such a view; by default all do. */
  readonly isFor?: (runs: readonly RunModel[]) => boolean;
  /** The largest width of a curve, as a share of the panel's width. */
  readonly widest: number;
  /** Null for a view that is not about layers one by one. */
  readonly spine: SpineSpec | null;
  /** The legend beside the selected layer's name above the charts; null if the charts are about the run. */
  readonly layerLegend: ((situation: Situation) => readonly LegendItem[]) | null;
  readonly charts: readonly ChartSpec[];
  readonly extras: readonly ExtraPart[];
}
