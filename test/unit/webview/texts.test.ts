/** The words of the panel as one snapshot to review. NORMLENS_UPDATE=1 writes it again. */
import { join } from "node:path";
import type { RunState } from "../../../engine/protocol/judgement";
import { panelVerdict } from "../../../webview/state/panelVerdict";
import { firstSelection } from "../../../webview/state/panelModel";
import { recordingFacts, unknownFacts } from "../../../webview/state/recordingWords";
import { editedNote, stateWords } from "../../../webview/state/runWords";
import { severityWords } from "../../../webview/ui/icons";
import { allViews } from "../../../webview/views/allViews";
import { gradientSentences, readingSentences } from "../../../webview/views/parts/layerSentences";
import type { ChartSpec, Situation, ViewFrame, ViewSpec } from "../../../webview/views/viewSpec";
import { checkSnapshot } from "../support/snapshot";
import type { RunView } from "../../../webview/protocol";
import { reading, runModel, runRecord, runView } from "./makeRun";

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
  heldRange: null,
  folded: new Set(),
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
      ...readingSentences(reading("bn1", { ...measured, gapFloor: 0.02 })),
      ...gradientSentences({ parameters: 0.1, output: 0.2, batchF: 1.3 }),
    ];
    checkSnapshot(join("test", "unit", "webview", "texts.txt"), `${texts.join("\n")}\n`);
  });
});
