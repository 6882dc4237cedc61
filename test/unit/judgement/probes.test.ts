/** What is said of a recording that is probed, and of one that a person ends. */
import assert from "node:assert/strict";
import { plainText } from "../../../engine/judgement/parts";
import type { WrittenRecord } from "../../../engine/protocol/records";
import { judged, type Measured, plain, runRecord } from "./makeSummary";

const run = runRecord({ more: { producer: "normlens-python 0.1.0", data: null, plannedSteps: null } });
const none: Measured = { run, running: null, population: null, batch: null, layers: [{}, {}] };

const probe = (step: number, gap: number, output: Extract<WrittenRecord, { type: "gap" }>["output"]): WrittenRecord => {
  const layers = ["bn1", "bn2"].map((layer) => ({ layer, gap, alone: gap, noiseFloor: 0.02 }));
  return { type: "gap", step, samples: 60, layers, output };
};
const refused = (step: number): WrittenRecord => ({
  type: "gap",
  step,
  layers: [],
  reason: "no BN layer is in training mode",
});

const gapView = (measured: Measured, state: "running" | "completed" = "completed"): string =>
  plain(plainText(judged(measured, state).verdicts.gap));

describe("a probe of a recording", () => {
  it("says how far outputs are apart where no prediction flips", () => {
    const output = { flips: 0, flipsWithPopulation: 0, probabilityShift: 0.06, distance: 1.19 };
    const text = gapView({ ...none, more: [probe(1000, 0.5, output)] });
    assert.match(text, /^2 of 2 layers normalize the same batch differently/);
    assert.match(text, /How bad: Probabilities move by 6\.0 % on average; outputs differ by 1\.2× their spread/);
  });

  it("says it of outputs that are no classes", () =>
    assert.match(
      gapView({ ...none, more: [probe(1000, 0.5, { distance: 0.31 })] }),
      /How bad: Outputs differ by 0\.31× their spread over samples/,
    ));

  it("speaks of flips alone where there are some", () =>
    assert.doesNotMatch(gapView({ ...none, more: [probe(1000, 0.5, { flips: 9, distance: 1.19 })] }), /spread/));

  it("says why it was not possible, and keeps what was measured before", () => {
    const text = gapView({ ...none, more: [probe(500, 0.5, { flips: 9 }), refused(1000)] });
    assert.match(text, /^15\.0 % of predictions/);
    assert.match(text, /Last probe: Not possible at step 1 000: no BN layer is in training mode\nNext:/);
    assert.doesNotMatch(gapView({ ...none, more: [refused(400), probe(500, 0.5, { flips: 9 })] }), /Last probe/);
    assert.match(gapView({ ...none, more: [refused(1000)] }), /was not measured\.[^]*Last probe: Not possible/);
  });

  it("is answered before it is time to judge", () => {
    const text = gapView({ ...none, step: 20, lastStep: 20, more: [probe(20, 0.5, { distance: 0.4 })] }, "running");
    assert.match(text, /^Too early to judge/);
    assert.match(text, /Outputs differ by 0\.40×/);
  });
});

describe("a recording that a person ends", () => {
  const measured = { ...none, more: [probe(1000, 0.5, { flips: 9 })] };
  const problem = { sentence: "The script was interrupted from the keyboard.", action: "Run it again." };

  it("shows what was found in it", () => {
    for (const state of ["stopped", "interrupted"] as const)
      assert.match(judged(measured, state, { problem }).verdicts.overview.sentence, /above the noise floor/, state);
  });

  it("puts a failure first, and says to run the script again", () => {
    const { overview } = judged(measured, "failed").verdicts;
    assert.match(plainText(overview), /^The run failed[^]*Next: Run the script again\./);
  });
});
