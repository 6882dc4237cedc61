import { strict as assert } from "node:assert";
import type { Dataset } from "../../../engine/data/dataset";
import { describeProblem } from "../../../engine/protocol/problems";
import { type TrainRequest, defaultTrainRequest } from "../../../engine/protocol/trainConfig";
import { dataProblem } from "../../../engine/training/dataFit";
import { digitsMlp } from "../support/graphs";
import { stripes } from "../support/smallDataset";

// 24 samples of each of ten classes.
const dataset = stripes(240);
const sentence = (request: Partial<TrainRequest>, set: Dataset = dataset): string | null => {
  const problem = dataProblem(digitsMlp(), set, { ...defaultTrainRequest, ...request });
  return problem && describeProblem(problem).sentence;
};

describe("orders by class", () => {
  it("fit data with one class a sample", () => {
    assert.equal(sentence({ order: "one-class", batchSize: 24 }), null);
    assert.equal(sentence({ order: "sorted", batchSize: 240 }), null);
    assert.equal(sentence({ order: "one-class", batchSize: 25, keepLast: true }), null);
  });
  it("need a class that fills a batch", () =>
    assert.equal(
      sentence({ order: "one-class", batchSize: 25 }),
      "No class fills a batch of 25: the largest class has 24 training samples.",
    ));
  it("may not leave a batch of one where BN needs two", () =>
    assert.match(
      sentence({ order: "one-class", batchSize: 23, keepLast: true }) ?? "",
      /^With 24 samples in batches of 23, the last batch has a single sample, which gives bn1/,
    ));
});
