/** The words of the panel as one snapshot to review. NORMLENS_UPDATE=1 writes it again. */
import { join } from "node:path";
import type { Comparison } from "../../../engine/protocol/comparison";
import type { Recalibration, RunState } from "../../../engine/protocol/judgement";
import { panelVerdict } from "../../../webview/state/panelVerdict";
import { firstSelection } from "../../../webview/state/panelModel";
import { recordingFacts, unknownFacts } from "../../../webview/state/recordingWords";
import { editedNote, stateWords } from "../../../webview/state/runWords";
import { severityWords } from "../../../webview/ui/icons";
import type { PanelActions } from "../../../webview/panels/context";
import { allViews } from "../../../webview/views/allViews";
import type { FlippedCard, FlippedSamples } from "../../../engine/protocol/flippedSamples";
import { flippedSamplesPart } from "../../../webview/views/parts/flippedSamples";
import { recalibrationPart } from "../../../webview/views/parts/recalibration";
import { comparisonPart } from "../../../webview/views/parts/comparison";
import { gradientSentences, readingSentences } from "../../../webview/views/parts/layerSentences";
import type { ChartSpec, Situation, ViewFrame, ViewSpec } from "../../../webview/views/viewSpec";
import { checkSnapshot } from "../support/snapshot";
import type { RunView } from "../../../webview/protocol";
import { block, judgement, reading, runModel, runRecord, runView } from "./makeRun";

const runStates: readonly RunState[] = [
  "starting",
  "running",
  "paused",
  "unsure",
  "completed",
  "stopped",
  "interrupted",
  "diverged",
  "failed",
];

const situations: readonly Situation[] = [
  { runs: 1, normRuns: 1 },
  { runs: 1, normRuns: 0 },
  { runs: 2, normRuns: 2 },
];

const frameOf = ({ runs }: Situation): ViewFrame => {
  const models = Array.from({ length: runs }, (_, index) => runModel({ id: String(index) }));
  return { model: { runs: models, selection: firstSelection }, run: models[0] } as unknown as ViewFrame;
};

/** For every situation, each text once. */
const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].filter((text) => text.trim() !== "");
const inAll = (textsOf: (situation: Situation) => readonly string[]): string[] => distinct(situations.flatMap(textsOf));

function chartTexts({ id, drawing, aside }: ChartSpec): string[] {
  return inAll((situation) => {
    const { heading, remark = "", title, curves } = drawing(situation);
    const listed = curves.filter(({ line }) => line.listed ?? true).map(({ line }) => line.name);
    return [heading, remark, title("bn1"), aside?.(frameOf(situation)) ?? "", `lines: ${listed.join(", ")}`];
  }).map((text) => `  ${id}: ${text}`);
}

function spineTexts({ spine, layerLegend }: ViewSpec): string[] {
  if (!spine) return [];
  const ramps = (spine.ramps ?? []).map(({ title, from, to }) => `${title} ${from} to ${to}`);
  return [
    ...[spine.heading, spine.label, ...ramps, spine.note ?? ""],
    ...inAll((situation) => spine.columns(situation).map(({ title }) => title(frameOf(situation)))),
    ...inAll((situation) => [...spine.legend(situation), ...(layerLegend?.(situation) ?? [])].map(({ text }) => text)),
  ];
}

const viewTexts = (view: ViewSpec): string[] => [
  view.id,
  ...distinct(spineTexts(view)).map((text) => `  layers: ${text}`),
  ...view.charts.flatMap(chartTexts),
];

const starting = panelVerdict({
  runs: [],
  selection: firstSelection,
  comparison: null,
  variants: null,
  heldRange: null,
  folded: new Set(),
  isPlaying: false,
});

const measured = { shift: 0.2, varianceRatio: 1.3, distance: 0.5, distanceFloor: 0.05, gap: 0.3, alone: 0.1 };

const recorded: Partial<RunView> = {
  run: runRecord({
    producer: "normlens-python 0.1.0",
    process: { command: "python train.py", host: "gpu-3" },
    plannedSteps: null,
    ranks: 2,
    settings: { torch: "2.13.0", python: "3.11.7", optimizer: "SGD", learningRate: 0.1, broadcastBuffers: true },
  }),
  sampledSteps: 137,
};

/** What the overview says of a recording, while it goes on and after it. */
const recordingTexts = (): string[] =>
  distinct(
    [
      ...recordingFacts(runView(recorded), [44, 66]),
      ...unknownFacts(runModel({ ...recorded, state: "running", askable: true })),
      ...unknownFacts(runModel(recorded)),
    ].map(({ label, text }) => `recording: ${label}: ${text}`),
  );

/** What a template shows, a line for each element. */
function shownText(template: unknown): string {
  if (Array.isArray(template)) return template.map(shownText).join("");
  if (typeof template !== "object" || template === null || !("strings" in template) || !("values" in template))
    return typeof template === "string" ? template : "";
  const { strings, values } = template as { strings: readonly string[]; values: readonly unknown[] };
  return strings.map((text, index) => text + shownText(values[index])).join("");
}

const linesOf = (template: unknown): string[] =>
  shownText(template)
    .replace(/<[^>]*>/g, "\n")
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "");

/** Samples that flip: a few, all of them, none, and those of a recording. */
function flippedTexts(): string[] {
  const card: FlippedCard = {
    ...{ index: 16, label: "4", train: "4", eval: "9", becomes: "wrong", like: 18, flipsAt: [false, true] },
    ...{ image: "AA==", row: null, probabilities: [{ name: "4", train: 0.998, eval: 0.1 }] },
  };
  const flipped: FlippedSamples = {
    ...{ step: 400, samples: 256, flips: 71, becomeRight: 4, becomeWrong: 64, stayWrong: 3 },
    ...{ classes: ["4", "9"], classesLeftOut: 998, lost: [45, 8], gained: [8, 45] },
    matrix: [
      [20, 45],
      [8, 9],
    ],
    ...{ columns: ["width"], image: { channels: 1, height: 1, width: 1 }, steps: [0, 10] },
    cards: [card, { ...card, becomes: "right", image: null, row: [0.5] }, { ...card, image: null }],
  };
  const drawn = (view: Partial<RunView>, change: Partial<typeof firstSelection> = {}): string[] => {
    const run = runModel(view, [block("outputGap", "flipShare", 0, [0, 400], [0, 0.2])]);
    const model = { runs: [run], selection: { ...firstSelection, ...change } };
    const theme = { offRamp: ["#000000", "#ffffff"] };
    return linesOf(flippedSamplesPart.draw({ model, run, theme } as unknown as ViewFrame, {} as PanelActions));
  };
  return distinct([
    ...drawn({ flipped }),
    ...drawn({ flipped }, { allFlipped: true }),
    ...drawn({ flipped }, { allFlipped: true, showTables: true }),
    ...drawn({ flipped: { ...flipped, flips: 0, cards: [] } }),
    ...drawn(recorded),
  ]).map((text) => `flipped: ${text}`);
}

function recalibrationTexts(): string[] {
  const recalibration: Recalibration = {
    ...{ step: 400, samples: 256, distance: 0.78, isNeeded: true },
    ...{ accuracy: [0.723, 0.957], flips: [71, 2] },
  };
  const run = runModel({ judgement: judgement({ recalibration }) });
  const frame = { model: { runs: [run] }, run } as unknown as ViewFrame;
  const actions = { copyRecalibration: () => undefined } as unknown as PanelActions;
  return linesOf(recalibrationPart.draw(frame, actions)).map((text) => `recalibrated: ${text}`);
}

/** Two variants, one with two seeds. */
function comparisonTexts(): string[] {
  const seed = (run: number) => ({
    ...{ run, letter: "ABC"[run] ?? "", seed: String(run), accuracy: 0.9 + run / 100, population: 0.97, loss: 0.1 },
    ...{ epochsPerStep: 0.01, msPerStep: 20 },
  });
  const unknown = { mean: 0.92, low: Number.NaN, high: Number.NaN };
  const variants: Comparison = {
    ...{ tone: "information", sentence: "", unsaid: 3 },
    variants: [
      { letter: "A", accuracy: { mean: 0.905, low: 0.84, high: 0.97 }, seeds: [seed(0), seed(1)] },
      { letter: "C", accuracy: unknown, seeds: [seed(2)] },
    ],
    words: [{ letter: "A", tone: "ok", sentence: "A reaches 90.5 %.", more: ["And more."] }],
    differences: [{ name: "Batch size", values: ["64", "4"] }],
  };
  const runs = [0, 1, 2].map((run) =>
    runModel({ id: String(run) }, [block("eval", "runningAccuracy", 0, [0, 1000], [0.1, 0.9 + run / 100])]),
  );
  const drawn = (change: Partial<typeof firstSelection>, compared = variants): string[] => {
    const model = { runs, variants: compared, selection: { ...firstSelection, ...change } };
    const frame = { model, run: runs[0], range: [0, 1000] } as unknown as ViewFrame;
    return linesOf(comparisonPart.draw(frame, {} as PanelActions));
  };
  return distinct([
    ...drawn({}),
    ...drawn({ alignBy: "epoch", showTables: true }),
    ...drawn({ alignBy: "time" }),
    ...drawn({}, { ...variants, differences: [] }),
    ...drawn({}, { ...variants, differences: [], variants: variants.variants.slice(0, 1) }),
  ])
    .filter((text) => /[a-z]{3}/i.test(text) && !/^epoch [\d.]+$/.test(text))
    .map((text) => `comparison: ${text}`);
}

describe("texts of the panel", () => {
  it("are those of the snapshot", () => {
    const texts = [
      ...allViews.flatMap(viewTexts),
      `states: ${runStates.map((state) => stateWords(runView({ state })).word).join(", ")}`,
      `severities: ${Object.values(severityWords).join(", ")}`,
      starting.sentence,
      ...starting.answers.map(({ label, parts }) => `${label}: ${parts.map(String).join("")}`),
      editedNote(runView({ editedLayers: ["bn1"] })) ?? "",
      ...recordingTexts(),
      ...comparisonTexts(),
      ...flippedTexts(),
      ...recalibrationTexts(),
      ...readingSentences(reading("bn1", { ...measured, gapFloor: 0.02 })),
      ...gradientSentences({ parameters: 0.1, output: 0.2, batchF: 1.3 }),
    ];
    checkSnapshot(join("test", "unit", "webview", "texts.txt"), `${texts.join("\n")}\n`);
  });
});
