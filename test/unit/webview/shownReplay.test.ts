import { strict as assert } from "node:assert";
import type { Replay } from "../../../engine/protocol/replay";
import { pathOf } from "../../../webview/marks/smallPlot";
import { chosenReplay, ShownReplay } from "../../../webview/state/shownReplay";
import { plain } from "../judgement/makeSummary";
import { runRecord, runView } from "./makeRun";

const replay: Replay = {
  ...{ weights: [0.001, 0.01, 0.1], own: 0.001, step: 400, suggested: 0.1 },
  layers: [{ id: "bn1", distance: 0.37, distances: [0.37, 0.1, 0.04] }],
  ...{ median: 0.37, medians: [0.37, 0.1, 0.04], floors: [0.001, 0.003, 0.01] },
  course: {
    steps: [0, 400],
    own: [1, 0.37],
    medians: [
      [1, 0.37],
      [1, 0.1],
      [1, 0.04],
    ],
  },
  scores: { step: 400, samples: 1000, own: 0.458, accuracies: [{ weight: 0.1, accuracy: 0.971 }] },
};
const view = runView({ replay });
const at = (chosen: number | null, of: Replay = replay): ShownReplay => new ShownReplay(of, view, chosen);

describe("another momentum", () => {
  it("stands where the run's own is until one is chosen", () => {
    const shown = at(null);
    assert.deepEqual([shown.index, shown.momentumNow], [0, "0.001"]);
    assert.equal(
      plain(shown.sentence),
      "Momentum 0.001, this run’s own, leaves the median layer 0.37 σ from population statistics at step 400.",
    );
    assert.equal(chosenReplay(view, null), null);
    assert.equal(chosenReplay(runView(), 0.1), null);
  });

  it("says what the chosen one gives, with the accuracy where it was measured", () => {
    assert.equal(
      plain(at(0.1).sentence),
      "At momentum 0.1 the median layer would be 0.04 σ from population statistics, not 0.37 σ, and 97.1 % of test " +
        "samples predicted right, not 45.8 %. The weights stay the same.",
    );
    assert.equal(
      plain(at(0.01).sentence),
      "At momentum 0.01 the median layer would be 0.10 σ from population statistics, not 0.37 σ. The weights stay " +
        "the same.",
    );
    assert.doesNotMatch(at(0.1, { ...replay, step: 200 }).sentence, /predicted right/);
  });

  it("has momenta as the framework writes them", () => {
    const keras = new ShownReplay(replay, runView({ run: runRecord({ framework: "keras" }) }), 0.01);
    assert.deepEqual([keras.momentumNow, keras.momentum(0.001)], ["0.99", "0.999"]);
  });

  it("knows what a layer's distance would be, and that of no other", () => {
    assert.equal(at(0.1).distanceOf("bn1"), 0.04);
    assert.ok(Number.isNaN(at(0.1).distanceOf("bn2")));
  });

  it("puts weights at equal distances, the first at the left", () => {
    assert.deepEqual([at(0.001).across, at(0.01).across, at(0.1).across], [0, 0.5, 1]);
    assert.equal(at(null).place(0.09), 1);
  });
});

describe("the line of a small chart", () => {
  it("has a gap where nothing is known", () => {
    const points = [
      [0, 0],
      [0.25, 1],
      [0.5, Number.NaN],
      [0.75, 0.5],
      [1, 0.5],
    ] as const;
    assert.equal(pathOf(points), "M0.00 100.00L25.00 0.00M75.00 50.00L100.00 50.00");
  });
});
