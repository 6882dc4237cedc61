import { strict as assert } from "node:assert";
import { judge, judgedFromStep, worst } from "../../../engine/protocol/judging";
import { percentage, thousands, twoDigits } from "../../../engine/protocol/numberText";

describe("what a gap is worth", () => {
  const check = (value: number, floor: number, expected: string): void => assert.equal(judge(value, floor), expected);
  it("is nothing up to three noise floors", () => check(0.15, 0.05, "ok"));
  it("is nothing up to 0.1 σ, however quiet the layer is", () => check(0.1, 0.001, "ok"));
  it("is a warning above both", () => check(0.16, 0.05, "warning"));
  it("is an error above 0.3 σ", () => check(0.31, 0.05, "error"));
  it("is unknown when it was not measured", () => check(Number.NaN, 0.05, "unknown"));
  it("goes by its size when the floor was not measured", () => check(0.2, Number.NaN, "warning"));
  it("of several is the worst", () =>
    assert.deepEqual(
      [worst(["ok", "error", "warning"]), worst(["ok", "unknown"]), worst([])],
      ["error", "ok", "unknown"],
    ));
});

describe("the step from which running statistics are judged", () => {
  it("is 44 at PyTorch's momentum, and the slowest layer's", () =>
    assert.deepEqual(
      [judgedFromStep([0.1], 1000), judgedFromStep([0.1, 0.01], 1000), judgedFromStep([null], 1000)],
      [44, 459, 1],
    ));
  it("is 44 also when the run is too short for its own momentum", () => assert.equal(judgedFromStep([0.001], 400), 44));
});

describe("numbers as text", () => {
  it("have two digits", () =>
    assert.deepEqual([0, 0.0001, 0.0041, 0.0456, 0.123, 3.14159, 31.4, 31415, -0.15, -0.0001].map(twoDigits), [
      "0",
      "<0.001",
      "0.004",
      "0.05",
      "0.12",
      "3.1",
      "31",
      "31\u202f415",
      "−0.15",
      ">−0.001",
    ]));
  it("are a dash when unknown", () =>
    assert.deepEqual(
      [
        twoDigits(null),
        twoDigits(undefined),
        twoDigits(Number.NaN),
        percentage(null),
        thousands(Number.POSITIVE_INFINITY),
      ],
      ["–", "–", "–", "–", "–"],
    ));
  it("have one decimal as per cent", () => assert.equal(percentage(0.90432), "90.4"));
});
