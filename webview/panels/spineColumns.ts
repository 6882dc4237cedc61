/** The columns a spine can have. */
import { stepTicks } from "../charts/buildOptions";
import { Bar } from "../marks/bars";
import { Dumbbell } from "../marks/dumbbell";
import { HeatStrip } from "../marks/heatStrip";
import { barScale, distanceScale, gapHeat, logShare, ratioHeat, shiftHeat, shiftScale } from "../marks/scales";
import { Sparkline } from "../marks/sparkline";
import type { LayerReading } from "../state/layerReadings";
import { worst } from "../state/severity";
import { element, replaceWhen, setText } from "../ui/dom";
import { severityIcon, severityWords } from "../ui/icons";
import { thousands, tick } from "../ui/format";
import type { AxisMark, SpineCell, SpineColumn, SpineFrame } from "./spine";

const fixedTitle = (title: string) => (): string => title;

interface TextColumnOptions {
  readonly title: string | ((frame: SpineFrame) => string);
  readonly track: string;
  readonly alignEnd?: boolean;
  readonly wideOnly?: boolean;
  readonly text: (reading: LayerReading, frame: SpineFrame) => string;
}

export function textColumn({ title, text, ...rest }: TextColumnOptions): SpineColumn {
  return {
    ...rest,
    title: typeof title === "string" ? fixedTitle(title) : title,
    create: (): SpineCell => {
      const node = element("span", { className: "spine-value" });
      return { element: node, update: (reading, frame) => setText(node, text(reading, frame)) };
    },
  };
}

/** Empty room, so that a strip starts where the chart below it starts. */
export const spacer = (track: string): SpineColumn => ({
  title: fixedTitle(""),
  track,
  wideOnly: true,
  create: () => ({ element: element("span"), update: () => undefined }),
});

export const shiftSparkline: SpineColumn = {
  title: fixedTitle("Mean shift over steps (log)"),
  track: "minmax(40px, 5fr)",
  overSteps: true,
  create: () => {
    const spark = new Sparkline();
    return {
      element: spark.element,
      update: ({ layer, shiftFloor: floor }, { run, range }) =>
        spark.update(run.curve("norm", "meanShift", layer.name), floor, range, shiftScale),
    };
  },
};

export const gapBars: SpineColumn = {
  title: fixedTitle("Train vs eval gap, σ"),
  track: "minmax(70px, 5fr)",
  create: () => {
    const bar = new Bar();
    return {
      element: bar.element,
      update: ({ gap, gapFloor, gapSeverity }, { readings }) =>
        bar.update({
          value: gap,
          inner: Number.NaN,
          floor: gapFloor,
          severity: gapSeverity,
          scale: barScale(readings.map((reading) => reading.gap)),
        }),
    };
  },
};

/** Pale: with everything upstream; dark: what the layer adds by itself. */
export const pairedGapBars: SpineColumn = {
  title: fixedTitle(""),
  track: "minmax(90px, 5fr)",
  create: () => {
    const bar = new Bar();
    return {
      element: bar.element,
      update: ({ gap, alone, gapFloor, gapSeverity }, { readings }) =>
        bar.update({
          value: gap,
          inner: alone,
          floor: gapFloor,
          severity: gapSeverity,
          scale: barScale(readings.flatMap((reading) => [reading.gap, reading.alone])),
        }),
    };
  },
};

export const severityMark: SpineColumn = {
  title: fixedTitle(""),
  track: "26px",
  alignEnd: true,
  create: () => {
    const node = element("span", { className: "severity" });
    return {
      element: node,
      update: ({ gapSeverity, distanceSeverity }) => {
        const severity = worst([gapSeverity, distanceSeverity]);
        replaceWhen(node, severity, () => [severityIcon(severity)]);
        node.title = severityWords[severity];
      },
    };
  },
};

export const distanceDumbbell: SpineColumn = {
  title: fixedTitle(""),
  track: "minmax(60px, 1fr)",
  axis: () => logMarks([0.001, 0.01, 0.1, 1]),
  create: () => {
    const dumbbell = new Dumbbell(distanceScale);
    return {
      element: dumbbell.element,
      update: ({ firstDistance, distance, distanceFloor, distanceSeverity }) => {
        dumbbell.update(firstDistance, distance, distanceFloor);
        dumbbell.element.classList.toggle("loud", distanceSeverity === "warning" || distanceSeverity === "error");
      },
    };
  },
};

/** A ● against B ○, when both runs have BN. */
export const compareDumbbell: SpineColumn = {
  title: fixedTitle("Gap of A ● and B ○, σ (log)"),
  track: "minmax(60px, 1fr)",
  axis: () => logMarks([0.001, 0.01, 0.1, 1]),
  create: () => {
    const dumbbell = new Dumbbell(distanceScale, "compared");
    return {
      element: dumbbell.element,
      update: ({ layer, gap, gapFloor }, { others }) =>
        dumbbell.update(others?.get(layer.name)?.gap ?? Number.NaN, gap, gapFloor),
    };
  },
};

const logMarks = (values: readonly number[]): AxisMark[] =>
  values.map((value) => ({ at: logShare(value, distanceScale), text: tick(value) }));

export const shiftHeatStrip: SpineColumn = {
  title: fixedTitle("Mean shift over steps: batch minus running mean, in σ"),
  track: "minmax(0, 1fr)",
  overSteps: true,
  axis: stepMarks,
  create: () => {
    const strip = new HeatStrip();
    return {
      element: strip.element,
      update: ({ layer, shiftFloor: floor }, { run, range, theme }) =>
        strip.update({
          curve: run.curve("norm", "meanShift", layer.name, "maximum"),
          floor,
          scale: shiftHeat,
          range,
          theme,
          ramp: theme.offRamp,
        }),
    };
  },
};

/** Differences up to this factor (log2) are taken for noise; the floor of a single batch's variance is not recorded. */
const RATIO_NOISE_LOG2 = 0.15;

export const ratioHeatStrip: SpineColumn = {
  title: fixedTitle("Variance ratio over steps: batch over running variance"),
  track: "minmax(0, 1fr)",
  overSteps: true,
  wideOnly: true,
  axis: stepMarks,
  create: () => {
    const strip = new HeatStrip();
    return {
      element: strip.element,
      update: ({ layer }, { run, range, theme }) =>
        strip.update({
          curve: run.curve("norm", "varianceRatio", layer.name),
          floor: RATIO_NOISE_LOG2,
          scale: ratioHeat,
          range,
          theme,
          ramp: theme.signedRamp,
          loudness: (ratio) => Math.abs(Math.log2(ratio)),
        }),
    };
  },
};

export const gapHeatStrip: SpineColumn = {
  title: fixedTitle("over steps"),
  track: "minmax(0, 6fr)",
  overSteps: true,
  axis: stepMarks,
  create: () => {
    const strip = new HeatStrip();
    return {
      element: strip.element,
      update: ({ layer, gapFloor }, { run, range, theme }) =>
        strip.update({
          curve: run.curve("gap", "gap", layer.name, "maximum"),
          floor: gapFloor,
          scale: gapHeat,
          range,
          theme,
          ramp: theme.offRamp,
        }),
    };
  },
};

function stepMarks({ range: [from, to], narrow }: SpineFrame): AxisMark[] {
  return stepTicks(from, to, narrow ? 330 : 500).map((step) => ({
    at: (step - from) / (to - from),
    text: thousands(step),
  }));
}
