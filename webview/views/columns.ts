/** The columns a spine can have. */
import { type LayerReading, isAbove } from "../../engine/protocol/judgement";
import { render } from "lit-html";
import { stepTicks } from "../charts/buildOptions";
import { Bar } from "../marks/bars";
import { Dumbbell } from "../marks/dumbbell";
import { HEAT_BINS } from "../marks/heatRow";
import { HeatStrip } from "../marks/heatStrip";
import { barScale, distanceScale, gapHeat, logShare, ratioHeat, shiftHeat, shiftScale } from "../marks/scales";
import { SPARK_BINS, Sparkline } from "../marks/sparkline";
import { runStyle } from "../state/runStyles";
import { element, setText } from "../ui/dom";
import { UNKNOWN, thousands, tick, times, twoDigits } from "../ui/format";
import { severityIcon, severityWords } from "../ui/icons";
import type { AxisMark, HeatColumn, SpineCell, SpineColumn, ViewFrame } from "./viewSpec";

const always = (title: string) => (): string => title;

interface TextColumn extends Omit<SpineColumn, "create" | "alignEnd"> {
  readonly text: (reading: LayerReading, frame: ViewFrame) => string;
}

function textColumn({ text, ...rest }: TextColumn): SpineColumn {
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
const whenWord = ({ run }: ViewFrame): string => {
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
export const distanceWhen = textColumn({
  title: (frame) => `${whenWord(frame)}, σ`,
  track: "60px",
  text: ({ distance }) => twoDigits(distance),
});
export const updatesLeft = textColumn({
  title: always("updates left"),
  track: "84px",
  text: ({ updatesLeft: left }) => (Number.isNaN(left) ? UNKNOWN : left === 0 ? "settled" : `${thousands(left)} more`),
});

function gapColumn(title: SpineColumn["title"], track: string, withAlone: boolean): SpineColumn {
  const innerOf = ({ alone }: LayerReading): number => (withAlone ? alone : Number.NaN);
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
            scale: barScale(run.readings.flatMap((one) => [one.gap, innerOf(one)])),
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

const logMarks = (): AxisMark[] =>
  [0.001, 0.01, 0.1, 1].map((value) => ({ at: logShare(value, distanceScale), text: tick(value) }));

export const distanceDumbbell: SpineColumn = {
  title: always(""),
  track: "minmax(60px, 1fr)",
  axis: logMarks,
  create: () => {
    const dumbbell = new Dumbbell(distanceScale);
    return {
      element: dumbbell.element,
      update: ({ firstDistance, distance, distanceFloor, distanceSeverity }) => {
        dumbbell.element.classList.toggle("loud", isAbove(distanceSeverity));
        const dots = [
          { value: firstDistance, className: "hollow" },
          { value: distance, className: "filled" },
        ];
        dumbbell.update(dots, distanceFloor);
      },
    };
  },
};

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

function stepMarks({ range: [from, to], narrow }: ViewFrame): AxisMark[] {
  return stepTicks(from, to, narrow ? 330 : 500).map((step) => ({
    at: (step - from) / (to - from),
    text: thousands(step),
  }));
}
