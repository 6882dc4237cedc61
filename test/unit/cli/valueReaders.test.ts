import assert from "node:assert/strict";
import * as readers from "../../../engine/cli/valueReaders";

describe("Values of options", () => {
  const check = <T>(reader: readers.ValueReader<T>, expected: Readonly<Record<string, T | undefined>>): void => {
    for (const [text, value] of Object.entries(expected)) assert.deepEqual(reader.read(text), value, text);
  };

  it("are numbers within their limits, and a text without digits is none", () => {
    check(readers.count, { "1": 1, "1e3": 1000, "0": undefined, "1.5": undefined, "": undefined, " ": undefined });
    check(readers.notNegative, { "0": 0, "0.1": 0.1, "-1": undefined, Infinity: undefined, x: undefined });
    check(readers.wholeNumber, { "0": 0, "-1": undefined, "9007199254740993": undefined });
  });

  it("are one of a list", () => {
    const reader = readers.oneOf(["sgd", "adam"]);
    check<string>(reader, { sgd: "sgd", adam: "adam", SGD: undefined, "": undefined });
    assert.equal(reader.takes, "sgd or adam");
    assert.equal(readers.wordList(["a", "b", "c"]), "a, b or c");
  });

  it("are sizes in bytes and shapes", () => {
    check(readers.bytes, { "500MB": 5e8, "2 gb": 2e9, "1.5GB": 1.5e9, "0MB": undefined, lots: undefined });
    check(readers.shapes, { "1x28x28": [[1, 28, 28]], "3x8x8,10": [[3, 8, 8], [10]], "28by28": undefined });
  });

  it("are normalizations, of one channel or several", () => {
    check(readers.normalization, {
      none: null,
      "mean=0.5,std=0.2": { mean: [0.5], std: [0.2] },
      "mean=0.5:0.4,std=0.2:0.1": { mean: [0.5, 0.4], std: [0.2, 0.1] },
      "mean=,std=0.2": undefined,
      half: undefined,
    });
  });

  it("are schedules and initializations, as the validators know them", () => {
    check(readers.schedule, {
      constant: null,
      "step:30": { kind: "step", every: 30, gamma: 0.1 },
      "step:x": undefined,
    });
    check(readers.initialization, {
      he: { kind: "he" },
      "normal:0.01": { kind: "normal", deviation: 0.01 },
      normal: undefined,
      "he:1": undefined,
    });
    const known = ["constant", "step", "cosine", "one-cycle"];
    assert.deepEqual(readers.schedule.choices, known);
  });
});
