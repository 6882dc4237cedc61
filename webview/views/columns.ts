/** The columns a spine can have. */
import type { LayerReading, Spread } from "../../engine/protocol/judgement";
import { render } from "lit-html";
import { stepTicks } from "../charts/buildOptions";
import { Bar } from "../marks/bars";
import { Dumbbell } from "../marks/dumbbell";
import { HEAT_BINS } from "../marks/heatRow";
import { HeatStrip } from "../marks/heatStrip";
import {
  barScale,
  distanceScale,
  gapHeat,
  gradientHeat,
  logShare,
  ratioHeat,
  shiftHeat,
  shiftScale,
} from "../marks/scales";
import { SPARK_BINS, Sparkline } from "../marks/sparkline";
import { SpreadStrip, spreadScale } from "../marks/spreadStrip";
import { ofAllLayers } from "../state/ofAllLayers";
import { relativeTo } from "../state/relativeCurve";
import type { RunModel } from "../state/runModel";
import { runStyle } from "../state/runStyles";
import { element, setText } from "../ui/dom";
import { UNKNOWN, thousands, tick, times, twoDigits } from "../ui/format";
import { severityIcon, severityWords } from "../ui/icons";
import type { AxisMark, HeatColumn, SpineCell, SpineColumn, ViewFrame } from "./viewSpec";

export const always = (title: string) => (): string => title;

interface TextColumn extends Omit<SpineColumn, "create" | "alignEnd"> {
  readonly text: (reading: LayerReading, frame: ViewFrame) => string;
}

export function textColumn({ text, ...rest }: TextColumn): SpineColumn {
  return {
    ...rest,
    alignEnd: true,
    create: (): SpineCell => {
      const node = element("span", { className: "spine-value" });
      return { element: node, update: (reading, frame) => setText(node, text(reading, frame)) };
    },
  };
}

/** "now", or the step at which the host judged. */
export const whenWord = ({ run }: ViewFrame): string => {
  const at = run.view.judgement?.at ?? null;
  return at === null ? "now" : `at ${thousands(at)}`;
};

/** An empty column, so that a strip starts where the chart below it starts. */
export const spacer = (track: string): SpineColumn => ({
  title: always(""),
  track,
  wideOnly: true,
  create: () => ({ element: element("span"), update: () => undefined }),
});

export const shiftSparkline: SpineColumn = {
  title: always("Mean shift over steps (log)"),
  track: "minmax(40px, 5fr)",
  series: { kind: "norm", columns: ["mean_shift"], edges: ["last"], points: SPARK_BINS },
  overSteps: true,
  create: () => {
    const spark = new Sparkline();
    return {
      element: spark.element,
      update: ({ id, shiftFloor }, { run, range }) =>
        spark.update(run.curve("norm", "mean_shift", id), shiftFloor, range, shiftScale),
    };
  },
};

const shiftText = ({ shift }: LayerReading): string => twoDigits(shift);
export const shiftNow = textColumn({ title: always("now, σ"), track: "52px", text: shiftText });
export const shiftWhen = (track: string): SpineColumn =>
  textColumn({ title: (frame) => `σ ${whenWord(frame)}`, track, text: shiftText });
export const ratioNow = (track: string): SpineColumn =>
  textColumn({ title: always("ratio"), track, text: ({ varianceRatio }) => times(varianceRatio) });
function gapColumn(title: SpineColumn["title"], track: string, withAlone: boolean): SpineColumn {
  const innerOf = ({ alone }: LayerReading): number => (withAlone ? alone : Number.NaN);
  const scaleOf = ofAllLayers((readings) => barScale(readings.flatMap((one) => [one.gap, innerOf(one)])));
  return {
    title,
    track,
    create: () => {
      const bar = new Bar();
      return {
        element: bar.element,
        update: (reading, { run }) =>
          bar.update({
            value: reading.gap,
            inner: innerOf(reading),
            floor: reading.gapFloor,
            severity: reading.gapSeverity,
            scale: scaleOf(run.readings),
          }),
      };
    },
  };
}

export const gapBars = gapColumn(always("Train-vs-eval gap, σ"), "minmax(70px, 5fr)", false);
/** The pale bar is the gap in the network, the dark one the gap of the layer alone. */
export const pairedGapBars = gapColumn((frame) => `Gap ${whenWord(frame)}, σ`, "minmax(90px, 5fr)", true);

export const severityMark: SpineColumn = {
  title: always(""),
  track: "26px",
  alignEnd: true,
  create: () => {
    const node = element("span", { className: "severity" });
    return {
      element: node,
      update: ({ severity }) => {
        render(severityIcon(severity), node);
        node.title = severityWords[severity];
      },
    };
  },
};

export const logMarks = (): AxisMark[] =>
  [0.001, 0.01, 0.1, 1].map((value) => ({ at: logShare(value, distanceScale), text: tick(value) }));

/** The layer's gap in each run, A first; NaN where a run does not have the layer. */
const gapsOf = ({ id }: LayerReading, { model }: ViewFrame): number[] =>
  model.runs.map((run) => run.readingOf(id)?.gap ?? Number.NaN);

/** One dot per run, joined from the lowest to the highest; A lies on top. */
export const compareColumn: SpineColumn = {
  title: ({ model }) => `Gap of ${model.runs.map((_, index) => runWords(index)).join(", ")}, σ (log)`,
  track: "minmax(60px, 1fr)",
  axis: logMarks,
  create: () => {
    const dumbbell = new Dumbbell(distanceScale);
    return {
      element: dumbbell.element,
      update: (reading, frame) => {
        const dots = gapsOf(reading, frame).map((value, index) => ({
          value,
          className: `dot-${runStyle(index).color}`,
        }));
        dumbbell.update(dots.reverse(), reading.gapFloor);
      },
    };
  },
};

const runWords = (index: number): string => {
  const { letter, mark } = runStyle(index);
  return `${letter} ${mark}`;
};

/** The ratio of two runs; the range of more, because none of them is a reference for the others. */
export const differenceColumn: SpineColumn = textColumn({
  title: ({ model }) => (model.runs.length === 2 ? "B ÷ A" : "range, σ"),
  track: "104px",
  text: (reading, frame) => {
    const gaps = gapsOf(reading, frame);
    const [a = Number.NaN, b = Number.NaN] = gaps;
    if (gaps.length === 2) return times(b / a);
    const known = gaps.filter(Number.isFinite);
    return known.length === 0 ? UNKNOWN : `${twoDigits(Math.min(...known))} to ${twoDigits(Math.max(...known))}`;
  },
});

type HeatOptions = Pick<SpineColumn, "title" | "track" | "wideOnly" | "series"> & HeatColumn;

const heatColumn = ({ colors, row, ...rest }: HeatOptions): SpineColumn => ({
  ...rest,
  overSteps: true,
  axis: stepMarks,
  heat: { colors, row },
  create: () => {
    const strip = new HeatStrip(colors);
    return { element: strip.element, update: (reading, frame) => strip.update(row(reading, frame), frame) };
  },
});

export const shiftHeatStrip = heatColumn({
  title: always("Mean shift over steps: batch minus running mean, in σ"),
  track: "minmax(0, 1fr)",
  series: { kind: "norm", columns: ["mean_shift"], edges: ["maximum"], points: HEAT_BINS },
  colors: { scale: shiftHeat, ramp: "offRamp" },
  row: ({ id, shiftFloor }, { run }) => ({ curve: run.curve("norm", "mean_shift", id, "maximum"), floor: shiftFloor }),
});

/** Ratios up to this size (log2) count as noise, because the noise floor of one batch's variance is not recorded. */
const RATIO_NOISE_LOG2 = 0.15;

export const ratioHeatStrip = heatColumn({
  title: always("Variance ratio over steps: batch ÷ running variance"),
  track: "minmax(0, 1fr)",
  wideOnly: true,
  series: { kind: "norm", columns: ["variance_ratio"], edges: ["minimum", "maximum"], points: HEAT_BINS },
  colors: { scale: ratioHeat, ramp: "signedRamp", loudness: (ratio) => Math.abs(Math.log2(ratio)) },
  row: ({ id }, { run }) => ({
    curve: run.curve("norm", "variance_ratio", id, "maximum"),
    low: run.curve("norm", "variance_ratio", id, "minimum"),
    floor: RATIO_NOISE_LOG2,
  }),
});

export const gapHeatStrip = heatColumn({
  title: always("Gap over steps"),
  track: "minmax(0, 6fr)",
  series: { kind: "gap", columns: ["gap"], edges: ["maximum"], points: HEAT_BINS },
  colors: { scale: gapHeat, ramp: "offRamp" },
  row: ({ id, gapFloor }, { run }) => ({ curve: run.curve("gap", "gap", id, "maximum"), floor: gapFloor }),
});

/** The gradient of a layer's output; where that was not recorded, of its γ and β. */
export function gradientSeries(
  run: RunModel,
): { kind: "activity"; column: "activation_gradient_norm" } | { kind: "norm"; column: "gradient_norm" } {
  return run.layersWith("activity", "activation_gradient_norm").length > 0
    ? { kind: "activity", column: "activation_gradient_norm" }
    : { kind: "norm", column: "gradient_norm" };
}

const lastWithGradient = ofAllLayers((readings) => readings.findLast(({ gradient }) => Number.isFinite(gradient)));

function relativeGradient(id: string, run: RunModel) {
  const { kind, column } = gradientSeries(run);
  const last = lastWithGradient(run.readings);
  const curve = run.curve(kind, column, id, "maximum");
  return last ? relativeTo(curve, run.curve(kind, column, last.id, "maximum")) : curve;
}

const unevenness = (ratio: number): number => Math.abs(Math.log10(ratio));

export const gradientHeatStrip = heatColumn({
  title: always("Gradient over steps, as a multiple of the last layer’s"),
  track: "minmax(0, 4fr)",
  series: { kind: "activity", columns: ["activation_gradient_norm"], edges: ["maximum"], points: HEAT_BINS },
  colors: { scale: gradientHeat, ramp: "relativeRamp", loudness: unevenness },
  // Without a floor every ratio is drawn: the ramp is blank where layers are equal.
  row: ({ id }, { run }) => ({ curve: relativeGradient(id, run), floor: 0 }),
});

export const gradientWhen = textColumn({
  title: (frame) => `norm ${whenWord(frame)}`,
  track: "72px",
  text: ({ gradient }) => twoDigits(gradient),
});

function spreadColumn(title: string, spreadOf: (reading: LayerReading) => Spread): SpineColumn {
  const scaleOf = ofAllLayers((readings) => spreadScale(readings.map(spreadOf)));
  return {
    title: (frame) => `${title} over channels, ${whenWord(frame)}`,
    track: "minmax(60px, 1.4fr)",
    wideOnly: true,
    create: () => {
      const strip = new SpreadStrip();
      return {
        element: strip.element,
        update: (reading, { run }) => strip.update(spreadOf(reading), scaleOf(run.readings)),
      };
    },
  };
}

export const gammaSpread = spreadColumn("γ", ({ gamma }) => gamma);
export const betaSpread = spreadColumn("β", ({ beta }) => beta);

export const rankHeatStrip = heatColumn({
  title: always("Distance of the furthest rank from rank 0, over steps"),
  track: "minmax(0, 4fr)",
  series: { kind: "ranks", columns: ["distance"], edges: ["maximum"], points: HEAT_BINS },
  colors: { scale: shiftHeat, ramp: "offRamp" },
  row: ({ id, ranks }, { run }) => ({
    curve: run.curve("ranks", "distance", id, "maximum"),
    floor: ranks?.floor ?? Number.NaN,
  }),
});

const rankScale = ofAllLayers((readings) => barScale(readings.map(({ ranks }) => ranks?.distance ?? Number.NaN)));

export const rankBars: SpineColumn = {
  title: (frame) => `Distance ${whenWord(frame)}, σ`,
  track: "minmax(90px, 3fr)",
  create: () => {
    const bar = new Bar();
    return {
      element: bar.element,
      update: ({ ranks }, { run }) =>
        bar.update({
          value: ranks?.distance ?? Number.NaN,
          inner: Number.NaN,
          floor: ranks?.floor ?? Number.NaN,
          severity: ranks?.severity ?? "unknown",
          scale: rankScale(run.readings),
        }),
    };
  },
};

export const rankVariance = textColumn({
  title: always("variance"),
  track: "66px",
  text: ({ ranks }) => times(ranks?.varianceRatio ?? Number.NaN),
});

/** What a channel's statistics are taken over: in one process, and in all of them together. */
export const rankSamples = textColumn({
  title: always("samples, SyncBN"),
  track: "110px",
  wideOnly: true,
  text: ({ ranks }, { run }) => {
    const own = ranks?.samples ?? Number.NaN;
    return Number.isFinite(own) ? `${thousands(own)} → ${thousands(own * (run.view.run?.ranks ?? 1))}` : UNKNOWN;
  },
});

function stepMarks({ range: [from, to], narrow }: ViewFrame): AxisMark[] {
  return stepTicks(from, to, narrow ? 330 : 500).map((step) => ({
    at: (step - from) / (to - from),
    text: thousands(step),
  }));
}
