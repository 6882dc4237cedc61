import { strict as assert } from "node:assert";
import { judgedFloors, judgedVarianceFloor } from "../../../engine/protocol/noiseFloors";
import { judge, judgedFromStep, updatesUntil, worst } from "../../../engine/judgement/severity";

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
      [judgedFromStep([0.1], 1000), judgedFromStep([0.1, 0.01], 1000), judgedFromStep(["cumulative"], 1000)],
      [44, 459, 1],
    ));
  it("is 44 also when the run is too short for its own momentum", () => assert.equal(judgedFromStep([0.001], 400), 44));
});

describe("the noise floors that are judged by", () => {
  const n = 32;
  const recorded = (weight: number, spread = 0.2) => ({
    noiseFloor: spread * Math.sqrt(weight / (2 - weight) + 1 / n),
    shiftNoiseFloor: spread * Math.sqrt(1 + weight / (2 - weight)),
  });
  const near = (found: number, expected: number): void =>
    assert.ok(Math.abs(found - expected) < 1e-9, `${found}, not ${expected}`);

  it("are those of the usual update weight where the layer's own is larger", () => {
    for (const weight of [0.2, 0.5, 0.99, 1]) {
      const floors = judgedFloors(recorded(weight), weight);
      near(floors.noiseFloor, recorded(0.1).noiseFloor);
      near(floors.shiftNoiseFloor, recorded(0.1).shiftNoiseFloor);
      near(judgedVarianceFloor(Math.sqrt(weight / (2 - weight)), weight), Math.sqrt(0.1 / 1.9));
    }
  });
  it("are as recorded where it is smaller, cumulative or not known", () => {
    for (const weight of [0.1, 0.01, "cumulative", null] as const)
      assert.deepEqual(judgedFloors(recorded(0.01), weight), recorded(0.01));
  });
  it("never grow, and are unknown where nothing was recorded", () => {
    for (const weight of [0.5, 0.99])
      for (const noiseFloor of [0, 0.001, 0.3]) {
        const floors = judgedFloors({ noiseFloor, shiftNoiseFloor: 0.1 }, weight);
        assert.ok(floors.noiseFloor <= noiseFloor && floors.shiftNoiseFloor <= 0.1);
      }
    const unknown = judgedFloors({ noiseFloor: Number.NaN, shiftNoiseFloor: Number.NaN }, 0.99);
    assert.ok(Number.isNaN(unknown.noiseFloor) && Number.isNaN(unknown.shiftNoiseFloor));
  });
});

it("updates that are left follow the exponential decay of the distance", () => {
  assert.equal(updatesUntil(1, 0.1, 0.1), 22);
  assert.equal(updatesUntil(0.05, 0.1, 0.1), 0);
});
