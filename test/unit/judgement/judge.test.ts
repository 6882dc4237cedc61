import assert from "node:assert/strict";
import { partText, plainText } from "../../../engine/judgement/parts";
import type { JudgedView, Note, RunState, Verdict } from "../../../engine/protocol/judgement";
import type { WrittenRecord } from "../../../engine/protocol/records";
import { judge } from "../../../engine/judgement/judge";
import { judged, type LayerNumbers, type Measured, plain, runRecord, summaryOf } from "./makeSummary";

interface Case {
  readonly measured?: Measured;
  readonly state?: RunState;
  readonly view?: JudgedView;
  readonly problem?: { sentence: string; action: string };
}

interface Expected {
  readonly tone: Verdict["tone"];
  readonly says: readonly RegExp[];
}

function check(input: Case, { tone, says }: Expected): void {
  const { measured = {}, state = "completed", view = "overview", problem = null } = input;
  const verdict = judged(measured, state, { problem }).verdicts[view];
  const text = plain(plainText(verdict));
  assert.equal(verdict.tone, tone, text);
  for (const pattern of says) assert.match(text, pattern);
}

const far = (gap: number, floor: number): LayerNumbers => ({
  gap,
  gapFloor: floor,
  distance: gap,
  distanceFloor: floor,
  shiftFloor: 4 * floor,
  shift: gap,
  varianceRatio: 0.5,
});
const stale: Measured = { running: 0.453, population: 0.969, batch: 0.968, layers: [far(0.78, 0.05), far(0.88, 0.07)] };
const slow = { ...stale, run: runRecord({ updateWeight: 0.001 }) };

describe("verdict of the overview", () => {
  it("judges nothing before the statistics had time to settle", () => {
    check(
      { measured: { ...stale, step: 20 }, state: "running" },
      {
        tone: "busy",
        says: [/^Too early to judge: running statistics need 44 updates to settle\./, /At step 44; now at step 20/],
      },
    );
    check(
      { measured: { ...stale, step: 20 }, state: "stopped" },
      { tone: "information", says: [/^Too short to judge: the run ended at step 20/] },
    );
  });

  it("says healthy, with the spread of the accuracies and what they were measured on", () => {
    check(
      {},
      {
        tone: "ok",
        says: [/^Healthy: the three accuracies agree within 0\.3 points\./, /97\.1 % on 2 000 test images/],
      },
    );
    check({ measured: { samples: 1000 } }, { tone: "ok", says: [/97\.1 % on 1 000 of 2 000 test images/] });
    check({ state: "running" }, { tone: "ok", says: [/^Healthy so far:/] });
  });

  it("distinguishes stale running statistics from bad weights, and says what to write where", () => {
    check(
      { measured: slow },
      {
        tone: "error",
        says: [
          /^Evaluation uses stale running statistics\. The weights are fine\./,
          /Where: All 2 BN layers, most in bn2 \(gap 0\.88 σ, noise floor 0\.07 σ\)/,
          /Since: The start: after 1 000 updates, 37 % of the initial 0 and 1 is left/,
          /45\.3 % of test images right, 96\.9 % with population statistics/,
          /Next: Set momentum=0\.1 on line 10 and 1 more line, and train again/,
        ],
      },
    );
  });

  it("gives the momentum in Keras's own convention", () =>
    check(
      { measured: { ...stale, run: runRecord({ updateWeight: 0.001, framework: "keras" }) } },
      { tone: "error", says: [/Set momentum=0\.9 on line 10/] },
    ));

  it("names the layer that only its distance puts above the floor, as small_cnn after 100 steps", () => {
    const layers = [
      { gap: 0.05, gapFloor: 0.04, distance: 0.02, distanceFloor: 0.005 },
      { gap: 0.1, gapFloor: 0.04, distance: 0.08, distanceFloor: 0.002 },
      { gap: 0.24, gapFloor: 0.11, distance: 0.11, distanceFloor: 0.004 },
    ];
    const run = runRecord({ layers: ["block1.1", "block2.1", "block3.1"], steps: 100 });
    check(
      { measured: { run, running: 0.553, population: 0.698, batch: 0.695, layers, step: 100 } },
      {
        tone: "error",
        says: [
          /^Evaluation uses stale/,
          /Where: Only block3\.1 \(running mean 0\.11 σ from the population mean, noise floor 0\.004 σ\)/,
        ],
      },
    );
  });

  it("does not mention stale layers where none stands out", () =>
    check(
      { measured: { ...stale, layers: [] } },
      {
        tone: "error",
        says: [
          /^Evaluation is 51\.6 points better with population statistics, but no single layer stands out\./,
          /Where: No single BN layer/,
        ],
      },
    ));

  it("does not let the noise floor of a large update weight hide it", () => {
    // What the engine recorded at momentum 0.99: the floor contains the fault itself.
    const follower = { gap: 0.21, gapFloor: 0.16, distance: 0.29, distanceFloor: 0.29, shiftFloor: 0.41 };
    const measured = { run: runRecord({ layers: ["bn1"], updateWeight: 0.99 }), layers: [follower] };
    check(
      { measured },
      { tone: "warning", says: [/^1 of 1 BN layer is above the noise floor/, /Next: Open Convergence/] },
    );
    check(
      { measured, view: "convergence" },
      {
        tone: "warning",
        says: [
          /^Running statistics follow single batches: the newest batch has 99 %/,
          /bn1 \(0\.29 σ, noise floor at the usual momentum 0\.0\d σ\)/,
          /Set momentum=0\.1 on line 10/,
        ],
      },
    );
  });

  it("knows small batches, dependent samples, and training that does not work", () => {
    check(
      { measured: { running: 0.9, population: 0.9, batch: 0.6 } },
      { tone: "warning", says: [/^Batch statistics are too noisy: a batch of 64/] },
    );
    check(
      { measured: { running: 0.5, population: 0.51, batch: 0.95 } },
      { tone: "error", says: [/depends on the other samples/] },
    );
    check(
      { measured: { running: 0.1, population: 0.11, batch: 0.1 } },
      { tone: "error", says: [/^The network has not learned yet/] },
    );
  });

  it("warns of a layer above its floor although the accuracies agree", () =>
    check(
      { measured: { layers: [far(0.02, 0.02), far(0.4, 0.05)] } },
      {
        tone: "warning",
        says: [
          /^1 of 2 BN layers is above the noise floor; the three accuracies agree/,
          /Where: Only bn2 \(gap 0\.40 σ/,
        ],
      },
    ));

  it("says of statistics that lag and cost nothing just that", () =>
    check(
      { measured: { layers: [{ gap: 0.14, gapFloor: 0.14, distance: 0.15, distanceFloor: 0.04 }] } },
      {
        tone: "information",
        says: [
          /^The three accuracies agree within 0\.3 points, but 1 of 2 BN layers is above the noise floor\./,
          /Open Convergence/,
        ],
      },
    ));

  it("works without accuracies, without labels, without a population pass and with an unknown length", () => {
    const unknown = { running: null, population: null, batch: null } as const;
    check({ measured: unknown }, { tone: "ok", says: [/^Healthy: no BN layer is above its noise floor\./] });
    check(
      { measured: { ...unknown, layers: [far(0.5, 0.02), far(0.4, 0.05)] } },
      { tone: "error", says: [/^2 of 2 BN layers are above the noise floor\./] },
    );
    const onlyGap = [{ gap: 0.02, gapFloor: 0.02 }, { gap: 0.03 }];
    check({ measured: { ...unknown, layers: onlyGap } }, { tone: "ok", says: [/Largest gap: 0\.03 σ in bn2/] });
    check(
      { measured: { population: null, layers: onlyGap } },
      { tone: "ok", says: [/the two accuracies agree within 0\.1 points/] },
    );
    check(
      { measured: { ...unknown, layers: [{}, {}] } },
      { tone: "information", says: [/^Nothing was measured that NormLens can judge\./] },
    );
    const bare = runRecord({ steps: null, updateWeight: null, more: { settings: {}, data: null, source: null } });
    check({ measured: { run: bare, step: 50 }, state: "running" }, { tone: "ok", says: [/^Healthy so far/] });
    check({ measured: { ...stale, run: bare } }, { tone: "error", says: [/of test samples right/] });
  });

  it("says plainly that there is no BN, and offers to compare where the engine can", () => {
    const run = runRecord({ layers: [] });
    check({ measured: { run } }, { tone: "information", says: [/^This run has no batch normalization\./] });
  });

  it("puts the problem first when a run ended badly", () => {
    const problem = { sentence: "Training diverged at step 3: …", action: "Lower the learning rate, and train again." };
    check(
      { measured: { step: 3 }, state: "diverged", problem },
      {
        tone: "error",
        says: [/^Training diverged at step 3/, /Next: Lower the learning rate/, /3 steps and everything/],
      },
    );
    check(
      { measured: { step: 180 }, state: "interrupted" },
      { tone: "warning", says: [/^The run was interrupted at step 180\./] },
    );
  });

  it("does not judge by accuracies from before the statistics settled", () => {
    const early: Measured = { ...stale, step: 0, lastStep: 120 };
    for (const view of ["overview", "gap", "convergence"] as const)
      check(
        { measured: early, view, state: "running" },
        { tone: "busy", says: [/^No verdict yet: nothing was measured after step 44/] },
      );
  });

  it("judges again after weights were loaded", () =>
    check(
      { measured: { ...stale, more: [{ type: "segment", step: 980, reason: "weights-loaded", detail: "a.pt" }] } },
      { tone: "information", says: [/need 44 updates to settle after step 980, where they were set from outside\./] },
    ));
});

describe("verdict of the layer views", () => {
  it("drift: says which layer is furthest and how the variance differs", () => {
    check(
      { measured: stale, view: "drift" },
      {
        tone: "error",
        says: [/disagree in 2 of 2 layers/, /most in bn2 \(mean 0\.88 σ away/, /0\.50× the running variance/],
      },
    );
    check({ view: "drift" }, { tone: "ok", says: [/^Batch statistics and running statistics agree\./] });
    check(
      { measured: { layers: [{ gap: 0.1 }] }, view: "drift" },
      { tone: "information", says: [/^No batch statistics/] },
    );
  });

  it("convergence: gives the range and the updates that are left", () => {
    check(
      { measured: slow, view: "convergence" },
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
          /^50\.0 % of predictions for the same images flip/,
          /Starts at: bn1, the first layer \(0\.78 σ, noise floor 0\.05 σ\)/,
          /1\.7 % of predictions flip with population statistics/,
        ],
      },
    );
    check({ view: "gap" }, { tone: "information", says: [/^50\.0 % of predictions flip .*, but no single layer/] });
  });

  it("judges a pinned step as of then", () => {
    const judgement = judged(stale, "completed", { pinned: { step: 20, samples: [] } });
    assert.match(judgement.verdicts.gap.sentence, /^Step 20 is too early to judge/);
    assert.match(judgement.verdicts.overview.sentence, /^Evaluation uses stale/);
    assert.deepEqual([judgement.at, judgement.step], [20, 20]);
  });
});

describe("since when a layer is above its floor", () => {
  const gapAt = (step: number, gap: number): WrittenRecord => ({
    type: "gap",
    step,
    layers: [{ layer: "bn1", gap, noiseFloor: 0.02 }],
  });
  const since = (...gaps: readonly number[]): string => {
    const more = gaps.map((gap, index) => gapAt(100 * (index + 1), gap));
    const run = runRecord({ layers: ["bn1"] });
    const { answers } = judged({ run, layers: [far(0.5, 0.02)], more }).verdicts.overview;
    return (
      answers
        .find(({ label }) => label === "Since")
        ?.parts.map(partText)
        .join("") ?? ""
    );
  };
  it("is the first step of those without a pause", () => {
    assert.equal(since(0.01, 0.4, 0.5), "Step 200");
    assert.equal(since(0.4, 0.01, 0.5, 0.5), "Step 300");
    assert.equal(since(0.4, 0.01), "Step 1\u202f000");
  });
});

describe("notes", () => {
  const said = ({ severity, sentence }: Note): string => `${severity}: ${plain(sentence)}`;

  it("say what was wrong with the files, the processes and the weights", () => {
    const run = runRecord({ more: { ranks: 4 } });
    const more = [
      { type: "segment", step: 100, reason: "statistics-recomputed" },
      { type: "checkpoint", step: 500, statistics: false },
    ] as const;
    const damage = [
      { kind: "checksum", offset: 1234, bytes: 40, table: null, step: null, rank: 0 },
      { kind: "torn", offset: 9000, bytes: 3, table: null, step: null, rank: 0 },
    ] as const;
    const badLines = [{ line: 12 }, { line: 40 }, { line: 41 }, { line: 77 }];
    assert.deepEqual(judged({ run, more }, "completed", { damage, badLines, isGone: true }).notes.map(said), [
      "warning: The run's log was deleted while it was open. Everything read before is shown.",
      "warning: 4 lines of the log are not a valid record and were skipped: 12, 40, 41, …",
      "warning: Some recorded numbers are damaged and left out: 1 frame failed the checksum, the last frame is not " +
        "complete (first at byte 1 234 of numbers.bin).",
      "information: 4 processes train together. The numbers are those of rank 0.",
      "information: Running statistics were recomputed at step 100.",
    ]);
  });

  it("name the first model that is not recorded", () => {
    const left = { type: "left-out", step: 1200, model: "Agent13", recorded: 12 } as const;
    const later = { type: "left-out", step: 1300, model: "Agent14", recorded: 12 } as const;
    assert.deepEqual(judged({ more: [left, later] }, "completed").notes.map(said), [
      "warning: Agent13 trains from step 1 200 on and is not recorded, nor are models that come later: a run holds 12 models. " +
        "Record it in a process of its own to see it.",
    ]);
  });

  it("name the layers that do not update", () => {
    const summary = summaryOf({});
    summary.sample({
      step: 1000,
      table: { name: "norms", columns: ["passes"], layers: ["bn1", "bn2"], values: 1, type: "float32" },
      values: Float32Array.of(1, 0),
    });
    assert.deepEqual(judge({ summary, state: "completed", problem: null }).notes.map(said), [
      "information: 1 of 2 BN layers does not update running statistics: bn2.",
    ]);
  });
});
