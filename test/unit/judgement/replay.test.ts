import { strict as assert } from "node:assert";
import { replayAt } from "../../../engine/judgement/replay";
import type { WrittenRecord } from "../../../engine/protocol/records";
import { judged, plain, runRecord, summaryOf } from "./makeSummary";
import { plainText } from "../../../engine/judgement/parts";

const WEIGHTS = [0.001, 0.01, 0.1, 1];

/** Distances of bn1, bn2 by weight. */
const pass = (step: number, own: readonly number[], replayed: readonly (readonly number[])[]): WrittenRecord => ({
  type: "population",
  step,
  replayedWeights: WEIGHTS,
  layers: own.map((meanDistance, index) => ({
    layer: `bn${index + 1}`,
    meanDistance,
    noiseFloor: 0.02,
    shiftNoiseFloor: 0.1,
    replayedDistance: [...(replayed[index] ?? [])],
  })),
});

const slow = runRecord({ updateWeight: 0.001, steps: 400 });
const falling = [
  pass(0, [0.9, 0.8], [WEIGHTS.map(() => 0.9), WEIGHTS.map(() => 0.8)]),
  pass(
    200,
    [0.7, 0.6],
    [
      [0.7, 0.3, 0.03, 0.09],
      [0.6, 0.2, 0.02, 0.2],
    ],
  ),
  pass(
    400,
    [0.6, 0.5],
    [
      [0.6, 0.08, 0.04, 0.09],
      [0.5, 0.09, 0.03, 0.2],
    ],
  ),
];

const replayOf = (passes: readonly WrittenRecord[], at: number | null = null, run = slow) =>
  replayAt(summaryOf({ run, more: passes }), at);

describe("the replay of a run", () => {
  it("has every weight at the newest pass, and the median over steps", () => {
    const replay = replayOf(falling);
    assert.ok(replay);
    assert.deepEqual([replay.step, replay.own, replay.weights], [400, 0.001, WEIGHTS]);
    assert.deepEqual(replay.layers[1], { id: "bn2", distance: 0.5, distances: [0.5, 0.09, 0.03, 0.2] });
    assert.deepEqual([replay.median, replay.medians], [0.6, [0.6, 0.09, 0.04, 0.2]]);
    assert.deepEqual(replay.course.steps, [0, 200, 400]);
    assert.deepEqual(replay.course.medians[2], [0.9, 0.03, 0.04]);
  });

  it("shows a pinned step as it was then", () => {
    assert.deepEqual([replayOf(falling, 250)?.step, replayOf(falling, 250)?.median], [200, 0.7]);
  });

  it("has the noise floor of each weight: more of a larger one", () => {
    const floors = replayOf(falling)?.floors ?? [];
    assert.ok(floors.every((floor, index) => floor > (floors[index - 1] ?? 0)));
    // As it was recorded for the run's own.
    assert.ok(Math.abs((floors[0] ?? 0) - 0.02) < 1e-12);
  });

  it("suggests the weight nearest to the usual one among those that are about as good as any", () => {
    assert.equal(replayOf(falling)?.suggested, 0.1);
    const smaller = [
      pass(
        400,
        [0.6, 0.5],
        [
          [0.6, 0.05, 0.2, 0.9],
          [0.5, 0.05, 0.3, 0.9],
        ],
      ),
    ];
    assert.equal(replayOf(smaller)?.suggested, 0.01);
  });

  it("suggests nothing that would change little, nothing at the start, and nothing that is not known of all layers", () => {
    const alike = [
      pass(
        400,
        [0.6, 0.5],
        [
          [0.6, 0.5, 0.4, 0.6],
          [0.5, 0.4, 0.4, 0.5],
        ],
      ),
    ];
    assert.equal(replayOf(alike)?.suggested, null);
    assert.equal(replayOf(falling.slice(0, 1))?.suggested, null);
    const partly = [
      pass(
        400,
        [0.6, 0.5],
        [
          [0.6, 0.05, 0.04, 0.1],
          [0.5, 0.05, Number.NaN, 0.1],
        ],
      ),
    ];
    assert.equal(
      replayOf(partly.map((record) => JSON.parse(JSON.stringify(record)) as WrittenRecord))?.suggested,
      0.01,
    );
  });

  it("is null for a run that recorded none, and leaves layers out that were not replayed", () => {
    assert.equal(replayAt(summaryOf({ run: slow }), null), null);
    const [first] = replayOf([pass(400, [0.6, 0.5], [[0.6, 0.5, 0.4, 0.6]])])?.layers ?? [];
    assert.equal(first?.id, "bn1");
  });

  it("works for an average over all batches, whose floor is not known", () => {
    const replay = replayOf(falling, null, runRecord({ updateWeight: "cumulative", steps: 400 }));
    assert.equal(replay?.own, null);
    assert.ok(replay.floors.every(Number.isNaN));
  });

  it("has the accuracies that were measured", () => {
    const scores = [
      { updateWeight: 0.001, accuracy: 0.4, loss: 2 },
      { updateWeight: 0.1, accuracy: null, loss: null },
    ];
    const evaluated: WrittenRecord = {
      type: "eval",
      step: 400,
      running: { accuracy: 0.45, loss: 1 },
      replayed: { samples: 1000, scores },
    };
    assert.deepEqual(replayOf([...falling, evaluated])?.scores, {
      step: 400,
      samples: 1000,
      own: 0.45,
      accuracies: [{ weight: 0.001, accuracy: 0.4 }],
    });
  });

  it("says what to set, where, and what that would give", () => {
    const far = { distance: 0.6, distanceFloor: 0.02, gap: 0.02, gapFloor: 0.02 };
    const { verdicts } = judged({ run: slow, layers: [far, { ...far, distance: 0.5 }], step: 400, more: falling });
    const next =
      /Next: Set momentum=0\.1 on line 10 and 1 more line: replayed from the batches of this run, the furthest layer would be 0\.04 σ from population statistics, not 0\.60 σ\. The weights stay the same\./;
    assert.match(plain(plainText(verdicts.convergence)), next);
    assert.match(plain(plainText(verdicts.overview)), next);
  });
});
