/**
 * A view as plain data: what it is called, which columns its spine has, which charts it draws with which curves. What it
 * asks the host for follows from that (needs.ts), and viewPart.ts draws it. Another view is another file like these and a
 * line in allViews.ts.
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

/** Everything a view is drawn from. */
export interface ViewFrame extends Surroundings {
  readonly model: PanelModel;
  /** The run whose layers are shown. */
  readonly run: RunModel;
  readonly layer: NormLayer | undefined;
  readonly range: Range;
}

/** What decides which of a chart's drawings is shown. */
export interface Situation {
  readonly runs: number;
  /** Runs that have batch normalization. */
  readonly normRuns: number;
}

/** Columns of every normalization layer that a spine's column draws. */
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
  /** A strip over steps: hovering it moves the step everywhere, and it shows the pin. */
  readonly overSteps?: boolean;
  readonly wideOnly?: boolean;
  readonly alignEnd?: boolean;
  readonly axis?: (frame: ViewFrame) => readonly AxisMark[];
  /** One layer's cell; of a folded stage its worst layer's. */
  readonly create: () => SpineCell;
  /** A column of heat strips: in a deep network one sheet draws all of them, also each layer of a folded stage. */
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
  /** Of which runs, where several are compared; the first is the one whose layers are shown. */
  readonly runs?: "first" | "each";
  /** `run` in a colour's or a name's place stands for the run's own. */
  readonly line: Omit<LineConfig, "color" | "name"> & {
    readonly name: LineConfig["name"];
    readonly color: LineConfig["color"] | "run";
  };
  readonly transform?: (curve: Curve) => Curve;
}

/** A series' column, whose it is, and how it is drawn. */
export type CurveSpec = { readonly [Kind in SeriesKind]: CurveOf<Kind> }[SeriesKind];

/** One way to draw a chart. Curves named first lie below. */
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
  /** Name of the curve under which everything is noise. */
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

/** Something a view shows beside its charts and its spine. */
export interface ExtraPart {
  /** Under the charts, or under the spine. */
  readonly place: "charts" | "spine";
  readonly needs?: readonly SeriesNeed[];
  readonly draw: (frame: ViewFrame, actions: PanelActions) => TemplateResult | null;
}

export interface ViewSpec {
  readonly id: ViewId;
  readonly title: string;
  readonly needsBatchNorm: boolean;
  readonly layout: "chartsFirst" | "spineFirst" | "stripsAbove";
  /** The widest a curve gets, as a share of the panel's width. */
  readonly widest: number;
  readonly spine: SpineSpec;
  /** Beside the selected layer's name, over the charts; null when the charts are about the run. */
  readonly layerLegend: ((situation: Situation) => readonly LegendItem[]) | null;
  readonly charts: readonly ChartSpec[];
  readonly extras: readonly ExtraPart[];
}
