import { strict as assert } from "node:assert";
import { percentage, thousands, twoDigits } from "../../../engine/protocol/numberText";

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
  it("are the same per cent whether a share comes as float32 or not", () => {
    for (const share of [0.9025, 0.4585, 0.1235]) assert.equal(percentage(Math.fround(share)), percentage(share));
  });
});
