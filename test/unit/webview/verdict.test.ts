import assert from "node:assert/strict";
import type { PanelViewName, RunView } from "../../../webview/protocol";
import { compareSentence } from "../../../webview/state/compareWords";
import { firstSelection } from "../../../webview/state/panelModel";
import { judgedFromStep, severityOf } from "../../../webview/state/severity";
import { type Accuracies, type Triage, triageOf } from "../../../webview/state/triage";
import { badLinesNote, verdictOf } from "../../../webview/state/verdict";
import { type Verdict, plainText } from "../../../webview/state/verdictParts";
import { updatesUntil } from "../../../webview/state/viewVerdicts";
import { type Measured, measuredSeries, runModel, runRecord, slice } from "./makeRun";

interface Case {
  readonly measured?: Measured;
  readonly run?: Partial<RunView>;
  readonly view?: PanelViewName;
  readonly pinnedStep?: number;
}

const healthy: Measured = { running: 0.971, population: 0.974, batch: 0.972 };
const stale: Measured = {
  running: 0.453,
  population: 0.969,
  batch: 0.968,
  gaps: [
    [0.78, 0.05],
    [0.88, 0.08],
  ],
};

function verdict({ measured = healthy, run = {}, view = "overview", pinnedStep }: Case): Verdict {
  const selection = { ...firstSelection, view, pinnedStep: pinnedStep ?? null };
  return verdictOf({ runs: [runModel(run, measuredSeries(measured))], selection });
}

function check(input: Case, expected: { tone: Verdict["tone"]; says: readonly RegExp[] }): void {
  const found = verdict(input);
  const text = plainText(found).replace(/[\u00a0\u202f]/g, " ");
  assert.equal(found.tone, expected.tone, text);
  for (const pattern of expected.says) assert.match(text, pattern);
}

describe("severity", () => {
  const cases: readonly [value: number, floor: number, expected: string][] = [
    [0.09, 0.001, "ok"],
    [0.1, 0, "ok"],
    [0.11, 0.04, "ok"],
    [0.13, 0.04, "warning"],
    [0.3, 0.05, "warning"],
    [0.31, 0.05, "error"],
    [0.89, 0.3, "ok"],
    [0.91, 0.3, "error"],
    [0.2, Number.NaN, "warning"],
    [Number.NaN, 0.1, "unknown"],
  ];
  for (const [value, floor, expected] of cases) {
    it(`${value} σ over a floor of ${floor} is ${expected}`, () => assert.equal(severityOf(value, floor), expected));
  }

  it("waits for the statistics to settle", () => {
    assert.equal(judgedFromStep(runModel({})), 44);
    assert.equal(judgedFromStep(runModel({ run: runRecord({ updateWeight: 0.01 }) })), 459);
  });

  it("judges a run that is too short for its own momentum at the usual pace", () => {
    assert.equal(judgedFromStep(runModel({ run: runRecord({ updateWeight: 0.001, steps: 400 }) })), 44);
  });
});

describe("triage", () => {
  const cases: readonly [Triage, Accuracies][] = [
    ["healthy", { running: 0.97, population: 0.972, batch: 0.969 }],
    ["staleRunning", { running: 0.45, population: 0.969, batch: 0.968 }],
    ["staleRunning", { running: 0.1, population: 0.9, batch: 0.8 }],
    ["smallBatch", { running: 0.9, population: 0.9, batch: 0.6 }],
    ["dependentSamples", { running: 0.5, population: 0.51, batch: 0.95 }],
    ["lowEverywhere", { running: 0.1, population: 0.12, batch: 0.11 }],
    ["disagree", { running: 0.61, population: 0.74, batch: 0.85 }],
    ["unknown", { running: 0.9, population: Number.NaN, batch: 0.9 }],
  ];
  for (const [expected, accuracies] of cases) {
    it(`${JSON.stringify(accuracies)} is ${expected}`, () => assert.equal(triageOf(accuracies, 10), expected));
  }
});

describe("verdict of the overview", () => {
  it("says what comes while a run is starting", () =>
    check({ run: { run: null, state: "starting", step: 0 } }, { tone: "busy", says: [/^Starting/] }));

  it("judges nothing before the statistics had time to settle", () => {
    check(
      { measured: stale, run: { state: "running", step: 20 } },
      {
        tone: "busy",
        says: [/^Too early to judge: running statistics need 44 updates to settle\./, /Comes at step 44, now at 20/],
      },
    );
    check(
      { measured: stale, run: { state: "stopped", step: 20 } },
      { tone: "information", says: [/^Too short to judge: the run ended at step 20/] },
    );
  });

  it("says healthy, with the spread of the accuracies", () => {
    check(
      {},
      {
        tone: "ok",
        says: [/^Healthy: the three accuracies agree within 0\.3 points\./, /Accuracy: 97\.1 % on 2 000 test images/],
      },
    );
    check(
      { measured: { running: 0.971, population: 0.971, batch: 0.971, samples: 1000 } },
      { tone: "ok", says: [/Accuracy: 97\.1 % on 1 000 of 2 000 test images/] },
    );
    check({ run: { state: "running" } }, { tone: "ok", says: [/^Healthy so far:/] });
  });

  it("tells stale running statistics from bad weights, and what to write where", () => {
    check(
      { measured: stale, run: { run: runRecord({ updateWeight: 0.001 }) } },
      {
        tone: "error",
        says: [
          /^Evaluation uses stale running statistics; the weights are fine\./,
          /Where: All 2 BN layers from bn1 on, most in bn2 \(0\.88 σ, noise floor 0\.08 σ\)/,
          /Since: The start: 1 000 updates leave 37 % of the initial 0 and 1/,
          /45\.3 % of test images right, 96\.9 % with population statistics/,
          /Next: Set momentum=0\.1 on line 10 and 1 more line, then train again/,
        ],
      },
    );
  });

  it("gives the momentum in Keras's own convention", () => {
    check(
      { measured: stale, run: { run: runRecord({ updateWeight: 0.001, framework: "keras" }) } },
      { tone: "error", says: [/Set momentum=0\.9 on line 10/] },
    );
  });

  it("sends on to Drift when the momentum is not to blame", () =>
    check({ measured: stale }, { tone: "error", says: [/Next: Open Drift/] }));

  it("knows small batches, dependent samples, and training that does not work", () => {
    check(
      { measured: { running: 0.9, population: 0.9, batch: 0.6 } },
      { tone: "warning", says: [/^Batch statistics are too noisy: a batch of 64/] },
    );
    check(
      { measured: { running: 0.5, population: 0.51, batch: 0.95 } },
      { tone: "error", says: [/leans on the other samples/] },
    );
    check(
      { measured: { running: 0.1, population: 0.11, batch: 0.1 } },
      { tone: "error", says: [/^Training itself has not worked/] },
    );
  });

  it("warns of a layer above its floor although the accuracies agree", () => {
    check(
      {
        measured: {
          ...healthy,
          gaps: [
            [0.02, 0.02],
            [0.4, 0.05],
          ],
        },
      },
      {
        tone: "warning",
        says: [
          /^1 of 2 BN layers left the noise floor; the three accuracies agree/,
          /Where: Only bn2 \(0\.40 σ, noise floor 0\.05 σ\)/,
        ],
      },
    );
  });

  it("says plainly that there is no BN, and offers to compare", () => {
    check(
      { run: { run: runRecord({ layers: [] }) } },
      { tone: "information", says: [/^This run has no batch normalization\./, /Compare with BN/] },
    );
  });

  it("puts the problem first when a run ended badly", () => {
    const problem = {
      code: "diverged",
      sentence: "Training diverged at step 3: …",
      action: "Lower the learning rate and train again.",
    } as const;
    check(
      { run: { state: "diverged", step: 3, problem } },
      {
        tone: "error",
        says: [/^Training diverged at step 3/, /Next: Lower the learning rate/, /3 steps and everything/],
      },
    );
    check(
      { run: { state: "interrupted", step: 180 } },
      { tone: "warning", says: [/^The run was interrupted at step 180\./] },
    );
    check({ run: { state: "failed", step: 0 } }, { tone: "error", says: [/^The run failed at step 0\./] });
  });

  it("lists lines of the log that were skipped", () => {
    assert.equal(badLinesNote(runModel({ badLines: [] })), null);
    assert.equal(badLinesNote(runModel({ badLines: [12] })), "1 line of the log did not fit and was skipped: 12.");
    assert.equal(
      badLinesNote(runModel({ badLines: [12, 40, 41, 77] })),
      "4 lines of the log did not fit and were skipped: 12, 40, 41, …",
    );
  });
});

describe("verdict of the layer views", () => {
  it("drift: says which layer is furthest and how the variance differs", () => {
    check(
      { measured: stale, view: "drift" },
      {
        tone: "error",
        says: [
          /disagree in 2 of 2 layers/,
          /most in bn2 \(mean 0\.88 σ away/,
          /2\.0 times smaller than its running value/,
        ],
      },
    );
    check({ view: "drift" }, { tone: "ok", says: [/^Batches and running statistics agree\./] });
  });

  it("convergence: gives the range and the updates that are left", () => {
    check(
      { measured: stale, view: "convergence", run: { run: runRecord({ updateWeight: 0.001 }) } },
      {
        tone: "error",
        says: [
          /^Running statistics are still 0\.78 to 0\.88 σ from population statistics\./,
          /2 174 more updates at momentum=0\.001/,
        ],
      },
    );
    check({ view: "convergence" }, { tone: "ok", says: [/have converged/] });
  });

  it("gap: counts flipped predictions and names the first layer", () => {
    check(
      { measured: stale, view: "gap" },
      {
        tone: "error",
        says: [
          /50\.0 % of predictions flip between train and eval mode/,
          /Starts at: bn1, the first layer \(0\.78 σ, noise floor 0\.05 σ\)/,
          /1\.0 % of predictions flip with population statistics/,
        ],
      },
    );
    check({ view: "gap" }, { tone: "ok", says: [/^Train and eval mode agree/] });
  });

  it("does not judge by a probe that was taken before the statistics settled", () => {
    const selection = { ...firstSelection, view: "gap" } as const;
    const series = [
      slice("gap/bn1", [0], { gap: [1], noiseFloor: [0.01] }),
      slice("eval", [0], { runningAccuracy: [0.1] }),
    ];
    for (const view of ["overview", "gap", "convergence"] as const) {
      const found = verdictOf({
        runs: [runModel({ state: "running", step: 120 }, series)],
        selection: { ...selection, view },
      });
      assert.match(found.sentence, /^No verdict yet: nothing was measured after step 44/);
    }
  });

  it("does not judge a pinned step at which nothing had settled", () => {
    check(
      { measured: stale, view: "gap", pinnedStep: 20 },
      { tone: "information", says: [/^Step 20 is too early to judge/] },
    );
  });

  it("counts updates by the exponential decay of the distance", () => {
    assert.equal(updatesUntil(1, 0.1, 0.1), 22);
    assert.equal(updatesUntil(0.05, 0.1, 0.1), 0);
  });
});

describe("two runs in words", () => {
  const ended = (name: string, layers: readonly string[], accuracy: number, losses: readonly number[]) =>
    runModel({ run: runRecord({ name, layers }) }, [
      slice("eval", [1000], { runningAccuracy: [accuracy] }),
      slice(
        "loss",
        losses.map((_, index) => index + 1),
        { loss: losses },
      ),
    ]);
  const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ");

  it("names what BN is worth", () => {
    const sentence = compareSentence(ended("with", ["bn1"], 0.904, [1, 0.5]), ended("without", [], 0.096, [1, 1]));
    assert.equal(
      plain(sentence),
      "A reaches 90.4 %, B 9.6 %: with batch normalization the same model is 80.8 points ahead.",
    );
  });

  it("says so when nothing counts", () => {
    assert.match(
      compareSentence(ended("a", ["bn1"], 0.9, [1, 2]), ended("b", [], 0.905, [1, 3])),
      /no difference that counts/,
    );
  });

  it("sees that the training was the same", () => {
    assert.match(
      compareSentence(ended("a", ["bn1"], 0.965, [1, 0.5]), ended("b", ["bn1"], 0.453, [1, 0.5])),
      /^Only evaluation differs: .*The training is the same to the last bit\.$/,
    );
  });
});
