import { strict as assert } from "node:assert";
import { flippedSamplesAt } from "../../../engine/judgement/flippedSamples";
import type { ProbedAnswers, ProbedBatch, SampleAnswers } from "../../../engine/protocol/probedSamples";

const batch: ProbedBatch = {
  ...{ type: "batch", samples: 5, classes: 3, labels: [0, 0, 1, 2, 2] },
  ...{ classNames: null, columns: null, image: { channels: 1, height: 1, width: 1 } },
};

const answers = (step: number, train: number[], evaluated: number[], shown: number[] = []): ProbedAnswers => ({
  type: "answers",
  step,
  train,
  eval: evaluated,
  shown: shown.map((index) => ({
    index,
    probabilities: [
      [train[index] ?? 0, 0.9, 0.1],
      [evaluated[index] ?? 0, null, 0.9],
    ],
  })),
});

const recorded = (list: readonly ProbedAnswers[], change: Partial<ProbedBatch> = {}): SampleAnswers => ({
  batch: { ...batch, ...change },
  samples: new Map([[0, { type: "sample", index: 0, image: "AA==", row: null }]]),
  answers: list,
});

/** Two of class 0 become 1; the one of class 1 stays; of class 2 one becomes right and one changes what is wrong. */
const late = answers(20, [0, 0, 1, 0, 0], [1, 1, 1, 2, 1], [0, 3, 1, 4]);
const run = recorded([
  answers(0, [0, 0, 1, 0, 0], [0, 0, 1, 0, 0]),
  answers(10, [0, 0, 1, 0, 0], [1, 0, 1, 0, 0]),
  late,
]);

describe("which samples flip", () => {
  it("is counted by what becomes of them", () => {
    const flipped = flippedSamplesAt(run, null);
    assert.ok(flipped);
    const { step, samples, flips, becomeRight, becomeWrong, stayWrong } = flipped;
    assert.deepEqual([step, samples, flips, becomeRight, becomeWrong, stayWrong], [20, 5, 4, 1, 2, 1]);
  });

  it("is a matrix with those that stay on its diagonal, and what each class loses and gains", () => {
    const flipped = flippedSamplesAt(run, null);
    assert.deepEqual(flipped?.matrix, [
      [0, 3, 1],
      [0, 1, 0],
      [0, 0, 0],
    ]);
    assert.deepEqual(
      [flipped.lost, flipped.gained],
      [
        [4, 0, 0],
        [0, 3, 1],
      ],
    );
  });

  it("has a card each, the first of a kind with how many are like it", () => {
    const cards = flippedSamplesAt(run, null)?.cards ?? [];
    assert.deepEqual(
      cards.map(({ index, train, eval: evaluated, like, becomes }) => [index, `${train} ${evaluated}`, like, becomes]),
      [
        [0, "0 1", 3, "wrong"],
        [3, "0 2", 1, "right"],
        [1, "0 1", 1, "wrong"],
        [4, "0 1", 1, "stays wrong"],
      ],
    );
    assert.deepEqual(cards[0]?.flipsAt, [false, true, true]);
    assert.deepEqual([cards[0]?.image, cards[1]?.image], ["AA==", null], "one of which no line came is without");
  });

  it("has a probability for each of few classes, 0 where nothing was recorded, unknown where it was not finite", () => {
    const [first] = flippedSamplesAt(run, null)?.cards ?? [];
    assert.deepEqual(first?.probabilities, [
      { name: "0", train: 0.9, eval: 0.1 },
      { name: "1", train: Number.NaN, eval: 0.9 },
      { name: "2", train: 0, eval: 0 },
    ]);
  });

  it("follows a pinned step, and knows nothing before the first probe", () => {
    assert.deepEqual(
      [15, 10, 9].map((step) => flippedSamplesAt(run, step)?.flips),
      [1, 1, 0],
    );
    assert.equal(flippedSamplesAt(recorded([late]), 5), null);
    assert.equal(flippedSamplesAt(recorded([]), null), null);
  });

  it("calls classes by their names", () => {
    const flipped = flippedSamplesAt(recorded([late], { classNames: ["cat", "dog", "emu"] }), null);
    assert.deepEqual(flipped?.classes, ["cat", "dog", "emu"]);
    assert.deepEqual([flipped.cards[0]?.label, flipped.cards[0]?.eval], ["cat", "dog"]);
  });

  it("of a thousand classes shows those that move most", () => {
    const flipped = flippedSamplesAt(recorded([late], { classes: 1000 }), null);
    assert.deepEqual([flipped?.classes, flipped?.classesLeftOut], [["0", "1", "2"], 997]);
    assert.equal(flipped?.cards[0]?.probabilities.length, 2);
  });
});
