import { strict as assert } from "node:assert";
import type { RunFinding } from "../../../engine/protocol/finding";
import { recordingFacts, whenWords, worstWords } from "../../../extension/views/recordingWords";
import { runTitle } from "../../../extension/views/runWords";
import { recordingFacts as panelFacts, unknownFacts } from "../../../webview/state/recordingWords";
import { runModel, runRecord, runView } from "../webview/makeRun";

const record = runRecord({
  producer: "normlens-python 0.1.0",
  name: "train.py",
  model: "Net",
  source: { path: "/there/train.py", sha256: null },
  settings: { torch: "2.13.0", python: "3.11.7", optimizer: "SGD", learningRate: 0.1, weightDecay: null },
  process: { command: "python train.py", host: "gpu-3" },
  ranks: 2,
  plannedSteps: null,
});
const bare = runRecord({ producer: "normlens-python 0.1.0", name: "", model: null, source: null, settings: {} });

const finding = (rule: string): RunFinding => ({
  ...{ rule, severity: "warning", layers: [], step: null, line: null },
  ...{ verdict: "bn1 is behind.", evidence: "", next: "" },
});

describe("a recording in the Runs view", () => {
  it("is called by its script first", () => {
    assert.equal(runTitle({ record, folder: "/runs/a" }), "train.py, Net");
    assert.equal(runTitle({ record: bare, folder: "/runs/2026-11-29-session" }), "2026-11-29-session");
  });

  it("has its day only where that is not today", () => {
    const now = new Date(2026, 10, 29, 18, 0);
    assert.doesNotMatch(whenWords(new Date(2026, 10, 29, 16, 5).toISOString(), now), /29/);
    assert.match(whenWords(new Date(2026, 10, 28, 16, 5).toISOString(), now), /28/);
    assert.equal(whenWords(null, now), "");
    assert.equal(whenWords("yesterday", now), "");
  });

  it("has its worst finding, by the name of its rule", () => {
    assert.equal(worstWords([]), "");
    assert.equal(worstWords([finding("statistics-behind")]), "statistics behind");
    assert.equal(worstWords([finding("ranks-apart"), finding("statistics-behind")]), "ranks apart, 1 more");
  });

  it("lists what is known in its tooltip", () => {
    assert.deepEqual(recordingFacts(record), [
      "Command: python train.py",
      "Host: gpu-3",
      "2 processes, of which rank 0 is judged",
      "PyTorch 2.13.0, Python 3.11.7",
      "Optimizer: SGD",
      "Script: /there/train.py",
    ]);
    assert.deepEqual(recordingFacts(bare), []);
  });
});

describe("a recording in the panel", () => {
  const plain = (facts: readonly { label: string; text: string }[]): string[] =>
    facts.map(({ label, text }) => `${label}: ${text}`.replace(/[\u00a0\u202f]/g, " "));

  it("says what was recorded and how", () =>
    assert.deepEqual(plain(panelFacts(runView({ run: record, step: 1200, sampledSteps: 137 }), [44, 66])), [
      "Script: train.py",
      "Command: python train.py",
      "Host: gpu-3",
      "Processes: 2, rank 0 is judged",
      "Model: Net, 2 BN layers, 200 channels, 1 234 parameters",
      "With: PyTorch 2.13.0, Python 3.11.7",
      "Optimizer: SGD, learning rate 0.1",
      "Sampled: 137 of 1 200 steps",
      "Probes: 2, at steps 44, 66",
    ]));

  it("leaves out what is unknown, and says what a recording can't know", () => {
    assert.deepEqual(plain(panelFacts(runView({ run: bare }), [])), [
      "Model: 2 BN layers, 200 channels, 1 234 parameters",
    ]);
    const labels = (state: "running" | "completed", askable: boolean): string[] =>
      plain(unknownFacts(runModel({ run: record, state, askable })));
    assert.match(labels("running", true).join("\n"), /Loss, accuracy: [^]*Probe now measures it[^]*Planned steps/);
    assert.doesNotMatch(labels("completed", false).join("\n"), /Planned steps|Probe now/);
  });
});
