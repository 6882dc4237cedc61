/** Turns a chart's description into what timeChart.ts draws: looks up its curves, one for each run and layer. */
import { type BandConfig, type ChartConfig, type ChartCurve, type LineConfig, otherAxis } from "../charts/chartConfig";
import { type ChartAxes, ownAxes } from "../panels/chartMenu";
import type { PanelModel } from "../state/panelModel";
import type { RunModel } from "../state/runModel";
import { runStyle } from "../state/runStyles";
import type { ChartSpec, CurveSpec, Drawing, Situation, ViewFrame } from "./viewSpec";

interface DrawnLine {
  readonly line: LineConfig;
  readonly curve: ChartCurve;
  /** By which bands and the floor find it: the curve's name and the run. */
  readonly key: string;
}

/** With more lines than this, each is drawn paler: else they would look like one solid area. */
const CROWD = 40;
const CROWD_ALPHA = 0.4;

/** A run without a record counts as one with BN: most have BN, and then nothing has to be requested again. */
export const situationOf = ({ runs }: Pick<PanelModel, "runs">): Situation => ({
  runs: runs.length,
  normRuns: runs.filter(({ hasBatchNorm, view }) => hasBatchNorm || view.run === null).length,
});

export function chartInput(
  spec: ChartSpec,
  frame: ViewFrame,
  axes: ChartAxes = ownAxes,
): { config: ChartConfig; curves: ChartCurve[] } {
  const drawing = spec.drawing(situationOf(frame.model));
  const drawn = drawing.curves.flatMap((curve) => linesOf(curve, frame));
  const floor = drawn.findIndex(({ key }) => drawing.floor !== undefined && key.startsWith(`${drawing.floor}\n`));
  const config: ChartConfig = {
    id: spec.id,
    title: drawing.title(frame.layer?.name ?? "the layer"),
    unit: spec.unit,
    y: (axes.otherY ? otherAxis(spec.y) : null) ?? spec.y,
    ...(axes.logSteps ? { x: "log" } : {}),
    lines: drawn.map(({ line }) => line),
    bands: bandsOf(drawing, drawn, frame),
    ...(floor >= 0 ? { floor } : {}),
    ...spec.sides(frame.narrow),
  };
  return { config, curves: drawn.map(({ curve }) => curve) };
}

function linesOf(spec: CurveSpec, frame: ViewFrame): DrawnLine[] {
  const runs = spec.runs === "each" ? frame.model.runs : [frame.run];
  return runs.flatMap((run) => {
    const style = runStyle(frame.model.runs.indexOf(run));
    const { color, name, dash, alpha = 1, ...rest } = spec.line;
    const crowd = spec.of === "others" && run.normLayers.length > CROWD;
    const line: LineConfig = {
      ...rest,
      alpha: crowd ? alpha * CROWD_ALPHA : alpha,
      name: name === "run" ? style.letter : name,
      color: color === "run" ? style.color : color,
      ...(dash ? { dash } : color === "run" && style.dash.length > 0 ? { dash: style.dash } : {}),
    };
    return curvesOf(spec, run, frame).map((curve) => ({ line, curve, key: `${name}\n${run.id}` }));
  });
}

function curvesOf(
  { series, column, edge, of, transform }: CurveSpec,
  run: RunModel,
  { layer }: ViewFrame,
): ChartCurve[] {
  const curve = (layerId: string | null): ChartCurve => {
    const found = run.curve(series, column, layerId, edge);
    return transform ? transform(found) : found;
  };
  if (of === "run") return [curve(null)];
  if (of === "selected") return [curve(layer?.id ?? null)];
  return run.normLayers.filter(({ id }) => id !== layer?.id).map(({ id }) => curve(id));
}

function bandsOf({ bands = [] }: Drawing, drawn: readonly DrawnLine[], { model }: ViewFrame): readonly BandConfig[] {
  return bands.flatMap(({ upper, lower, color, alpha }) =>
    model.runs.flatMap((run, index) => {
      const at = (name: string): number => drawn.findIndex(({ key }) => key === `${name}\n${run.id}`);
      const found = { upper: at(upper), lower: at(lower) };
      if (found.upper < 0 || found.lower < 0) return [];
      return [
        { ...found, alpha, color: model.runs.length > 1 && color === "foreground" ? runStyle(index).color : color },
      ];
    }),
  );
}
