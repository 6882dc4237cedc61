import assert from "node:assert/strict";
import type { ViewId } from "../../../engine/protocol/judgement";
import { panelNotes, panelVerdict } from "../../../webview/state/panelVerdict";
import { type PanelModel, firstSelection } from "../../../webview/state/panelModel";
import type { RunModel } from "../../../webview/state/runModel";
import {
  editedNote,
  facts,
  modelFacts,
  runName,
  stateWords,
  subjectOf,
  testSamples,
} from "../../../webview/state/runWords";
import { judgement, layer, runModel, runRecord, runView, verdict, twoVariants } from "./makeRun";

const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ");
const unknown = runView({
  step: 1234,
  run: runRecord({ source: null, model: null, parameters: null, plannedSteps: null, settings: {}, data: null }),
});

describe("a run in words", () => {
  it("lists what is known, in a fixed order", () => {
    assert.deepEqual(facts(runView()), ["batch 64", "lr 0.1", "sgd", "seed 1"]);
    assert.deepEqual(modelFacts(runView()).map(plain), ["1 234 parameters", "digits", "6 000 training images"]);
    assert.equal(subjectOf(runView()), "net.py");
  });

  it("leaves out what is not known, and never says 0", () => {
    assert.deepEqual(facts(unknown), []);
    assert.deepEqual(modelFacts(unknown), []);
    assert.equal(testSamples(unknown, Number.NaN), "");
    const settings = { optimizer: "AdamW", learningRate: null, weightDecay: 0.01 };
    assert.deepEqual(facts(runView({ run: runRecord({ settings }) })), ["AdamW"]);
    assert.equal(subjectOf(runView({ run: runRecord({ source: null }) })), "Net()");
  });

  it("is called by its name, or its folder's, where it names no model", () => {
    assert.deepEqual([subjectOf(unknown), runName(unknown)], [null, "as written"]);
    for (const run of [null, runRecord({ source: null, model: null, name: "" })])
      assert.equal(runName(runView({ id: "/runs/2026-11-29-python", run })), "2026-11-29-python");
  });

  it("says where it stands, with and without a planned end", () => {
    const position = (state: Parameters<typeof runView>[0]): string => plain(stateWords(runView(state)).position);
    assert.equal(position({ state: "running", step: 500 }), "step 500 of 1 000");
    assert.equal(plain(stateWords({ ...unknown, state: "running" }).position), "step 1 234");
    assert.equal(position({ state: "completed" }), "1 000 steps");
    assert.equal(position({ state: "starting", run: null }), "");
  });

  it("does not take silence for an end", () => {
    assert.equal(stateWords({ ...unknown, state: "unsure" }).tone, "information");
    assert.equal(stateWords({ ...unknown, state: "interrupted" }).tone, "warning");
  });

  it("says what an accuracy was measured on", () => {
    assert.equal(plain(testSamples(runView(), 2000)), "2 000 test images");
    assert.equal(plain(testSamples(runView(), 1000)), "1 000 of 2 000 test images");
    assert.equal(testSamples(unknown, 256), "256 test samples");
  });

  it("names the layers whose lines were edited", () => {
    assert.equal(editedNote(runView()), null);
    const run = runRecord({ layers: [layer("l0", { name: "encoder.norm" })] });
    assert.match(editedNote(runView({ run, editedLayers: ["l0"] })) ?? "", /^net\.py .* encoder\.norm\./);
    assert.match(editedNote(runView({ run, editedLayers: ["a", "b", "c", "d"] })) ?? "", / a, b, c, … /);
  });
});

describe("the verdict a panel shows", () => {
  const model = (runs: readonly RunModel[], change: Partial<PanelModel> = {}): PanelModel => ({
    runs,
    selection: firstSelection,
    comparison: null,
    variants: null,
    heldRange: null,
    folded: new Set(),
    isPlaying: false,
    ...change,
  });
  const at = (view: ViewId) => ({ ...firstSelection, view });

  it("is the host's, of the view that is open", () => {
    assert.equal(panelVerdict(model([runModel()])).sentence, "the whole");
    assert.equal(panelVerdict(model([runModel()], { selection: at("drift") })).sentence, "drift");
  });

  it("compares several runs, except where one's layers are shown", () => {
    const runs = [runModel(), runModel({ id: "b" })];
    const comparison = verdict("A is ahead.");
    assert.equal(panelVerdict(model(runs, { comparison })).sentence, "A is ahead.");
    assert.equal(panelVerdict(model(runs, { comparison, selection: at("drift") })).sentence, "drift");
  });

  it("has words of its own where runs are compared as variants", () => {
    const runs = [runModel(), runModel({ id: "b" })];
    const compared = { comparison: verdict("A is ahead."), variants: twoVariants };
    const shown = panelVerdict(model(runs, { ...compared, selection: at("compare") }));
    assert.deepEqual(shown, { tone: "busy", sentence: "2 variants.", answers: [] });
    assert.equal(panelVerdict(model(runs, compared)).sentence, "A is ahead.");
    assert.equal(panelVerdict(model([runModel()], { selection: at("compare") })).sentence, "the whole");
  });

  it("says that a run is starting, or why it never did", () => {
    assert.equal(panelVerdict(model([])).tone, "busy");
    const problem = { code: "disk-full", sentence: "The disk is full.", action: "Make room." } as const;
    const failed = runModel({ run: null, judgement: null, problem });
    assert.equal(panelVerdict(model([failed])).sentence, "The disk is full.");
  });

  it("has the host's notes below it, and whose they are", () => {
    const skipped = { severity: "information", sentence: "A line was skipped." } as const;
    const noted = runModel({ judgement: judgement({ notes: [skipped] }), editedLayers: ["bn1"] });
    assert.equal(panelNotes(model([noted])).length, 2);
    const two = panelNotes(model([runModel(), runModel({ id: "b", judgement: judgement({ notes: [skipped] }) })]));
    assert.deepEqual(two, [{ ...skipped, sentence: "B: A line was skipped." }]);
  });

  it("shows a problem that the verdict does not show", () => {
    const problem = { code: "diverged", sentence: "It diverged.", action: "Lower it." } as const;
    assert.deepEqual(panelNotes(model([runModel({ problem })])), [
      { severity: "warning", sentence: "It diverged. Lower it." },
    ]);
    const verdicts = { ...judgement().verdicts, overview: verdict("It diverged.") };
    assert.deepEqual(panelNotes(model([runModel({ problem, judgement: judgement({ verdicts }) })])), []);
  });
});
