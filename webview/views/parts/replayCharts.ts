/** The charts of a replayed momentum: distance and accuracy by momentum, and how the median layer settles. */
import { type TemplateResult, html, nothing } from "lit-html";
import { WARNING_SIGMA } from "../../../engine/protocol/judgement";
import { asPercent, distanceScale, logShare } from "../../marks/scales";
import { type PlotLabel, type PlotMark, type PlotPoint, type SmallPlot, smallPlot } from "../../marks/smallPlot";
import type { ShownReplay } from "../../state/shownReplay";
import { percent, thousands, tick, twoDigits } from "../../ui/format";

/** Weights with a tick, and those whose course is drawn beside the run's own and the chosen one. */
const TICKS = [0.001, 0.01, 0.1, 1];
const COURSES = [0.001, 0.003, 0.01, 0.1, 0.3];

export const replayCharts = (shown: ShownReplay): TemplateResult =>
  html`<div class="replay-charts">
    ${distances(shown)} ${accuracies(shown)} ${shown.replay.course.steps.length > 1 ? courses(shown) : nothing}
  </div>`;

const titled = (heading: string, remark: string, plot: SmallPlot): TemplateResult =>
  html`<div class="replay-chart">
    <div class="heading">
      <h3>${heading}</h3>
      <span class="remark">${remark}</span>
    </div>
    ${smallPlot(plot)}
  </div>`;

const ySigma = (value: number): number => logShare(value, distanceScale);
const sigmaTicks: readonly PlotLabel[] = [0.001, 0.01, 0.1, 1].map((value) => ({
  at: ySigma(value),
  text: tick(value),
}));
const warningLevel = { at: ySigma(WARNING_SIGMA), text: `warning ${WARNING_SIGMA} σ`, className: "plot-warning" };

const weightTicks = (shown: ShownReplay): PlotLabel[] =>
  TICKS.map((weight) => ({ at: shown.place(weight), text: shown.momentum(weight) }));

/** The run as it was, and the weight that is chosen. */
function marksAt(shown: ShownReplay, own: number, chosen: number | null): PlotMark[] {
  const { replay } = shown;
  return [
    ...(replay.own === null ? [] : [{ at: [shown.place(replay.own), own], className: "own" } satisfies PlotMark]),
    ...(chosen === null ? [] : [{ at: [shown.across, chosen], className: "chosen" } satisfies PlotMark]),
  ];
}

function distances(shown: ShownReplay): TemplateResult {
  const { weights, layers, median, medians, floors, step } = shown.replay;
  const curve = (values: readonly number[]): PlotPoint[] =>
    values.map((value, at) => [at / (weights.length - 1), ySigma(value)]);
  const told = weights.map((weight, at) => `${shown.momentum(weight)}: ${twoDigits(medians[at] ?? Number.NaN)} σ`);
  return titled(`Distance at step ${thousands(step)}, σ`, "each layer thin, median thick, noise floor grey", {
    title: `Distance of running from population means, median over layers, by momentum. ${told.join(", ")}`,
    lines: [
      ...layers.map((layer) => ({ points: curve(layer.distances), className: "plot-other" })),
      { points: curve(medians), className: "plot-median" },
    ],
    floor: curve(floors),
    levels: [warningLevel],
    marks: marksAt(shown, ySigma(median), ySigma(shown.median)),
    xTicks: weightTicks(shown),
    yTicks: sigmaTicks,
    cursor: shown.across,
  });
}

function accuracies(shown: ShownReplay): TemplateResult | typeof nothing {
  const { scores } = shown.replay;
  if (scores === null) return nothing;
  const points = scores.accuracies.map(({ weight, accuracy }): PlotPoint => [shown.place(weight), accuracy]);
  const told = scores.accuracies.map(({ weight, accuracy }) => `${shown.momentum(weight)}: ${percent(accuracy)}`);
  const samples = scores.samples === null ? "" : `${thousands(scores.samples)} samples, `;
  return titled("Test accuracy with the replayed statistics", `${samples}same weights; dots measured`, {
    title: `Test accuracy by momentum. ${told.join(", ")}`,
    lines: [{ points, className: "plot-median" }],
    marks: [
      ...points.map((at) => ({ at, className: "measured" })),
      ...marksAt(shown, scores.own, shown.accuracy(shown.index)),
    ],
    xTicks: weightTicks(shown),
    yTicks: [0, 0.5, 1].map((share) => ({ at: share, text: asPercent(share).replace(".00%", "\u00a0%") })),
    cursor: shown.across,
  });
}

function courses(shown: ShownReplay): TemplateResult {
  const { replay, index } = shown;
  const { steps, own, medians } = replay.course;
  const last = Math.max(1, steps.at(-1) ?? 1);
  const curve = (values: readonly number[]): PlotPoint[] =>
    values.map((value, at) => [(steps[at] ?? 0) / last, ySigma(value)]);
  const others = COURSES.map((weight) => replay.weights.indexOf(weight)).filter((at) => at >= 0 && at !== index);
  const ownName = replay.own === null ? "this run" : `${shown.momentum(replay.own)}, this run`;
  const ends = [
    { value: own.at(-1) ?? Number.NaN, text: ownName, className: "end-own" },
    { value: medians[index]?.at(-1) ?? Number.NaN, text: shown.momentumNow, className: "end-chosen" },
  ];
  const told = ends.map(({ text, value }) => `${text}: ${twoDigits(value)} σ`);
  return titled("How each would have settled", "median layer over steps, σ", {
    title: `Distance of the median layer over steps. At step ${thousands(last)}, ${told.join(", ")}`,
    lines: [
      ...others.map((at) => ({ points: curve(medians[at] ?? []), className: "plot-other" })),
      { points: curve(own), className: "plot-own" },
      { points: curve(medians[index] ?? []), className: "plot-chosen" },
    ],
    levels: [{ ...warningLevel, text: "" }],
    ends: ends.map(({ value, text, className }) => ({ at: ySigma(value), text, className })),
    marks: [],
    xTicks: [0, 0.5, 1].map((share) => ({ at: share, text: thousands(Math.round(share * last)) })),
    yTicks: sigmaTicks,
  });
}
