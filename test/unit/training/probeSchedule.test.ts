import { strict as assert } from "node:assert";
import { NormSchedule, ProbeSchedule } from "../../../engine/training/probeSchedule";

/** Steps at which a run of `steps` steps is probed. */
function probedSteps(steps: number, probeMs: number, stepMs: number): number[] {
  const schedule = new ProbeSchedule(steps);
  return Array.from({ length: steps + 1 }, (_, step) => step).filter((step) => {
    if (!schedule.isDue(step)) return false;
    schedule.probed(step, probeMs, step === 0 ? null : stepMs);
    return true;
  });
}

describe("when the instruments run", () => {
  it("doubles its distance from the start, then is a fortieth of the run, and comes at the end", () => {
    const steps = probedSteps(4000, 0.3, 1);
    assert.deepEqual(steps.slice(0, 8), [0, 5, 10, 20, 40, 80, 160, 260]);
    assert.equal(steps.at(-1), 4000);
  });
  it("takes half a percent of a long run's time", () => {
    const steps = probedSteps(120_000, 40, 1);
    const late = steps.filter((step) => step > 20_000 && step < 120_000);
    assert.ok(
      late.every((step, index) => index === 0 || step - (late[index - 1] ?? 0) === 8000),
      late.join(" "),
    );
  });
  it("is taken a dozen times in a run that is too short for that", () => {
    const steps = probedSteps(12_000, 40, 1);
    assert.equal(steps.filter((step) => step > 1000).length, 12, steps.join(" "));
  });
  it("doubles at the start also where that costs more than later", () =>
    assert.deepEqual(probedSteps(12_000, 40, 1).slice(0, 7), [0, 5, 10, 20, 40, 80, 160]));
  it("is seldomer when a probe is long, at most a quarter of the time", () => {
    const steps = probedSteps(1000, 3000, 50);
    assert.deepEqual(steps, [0, 5, 245, 485, 725, 965, 1000]);
  });
  it("does not take one slow probe for the price of all", () => {
    const schedule = new ProbeSchedule(400);
    schedule.probed(0, 900, null);
    schedule.probed(5, 2, 2);
    assert.ok(schedule.isDue(10));
  });
  it("continues after a first probe that took long before any step was timed", () =>
    assert.ok(probedSteps(1000, 300, 40).length > 10));
  it("is every fifth step in a very short run", () => assert.deepEqual(probedSteps(12, 1, 1), [0, 5, 10, 12]));
});

describe("when a step's statistics are recorded", () => {
  /** Steps recorded in a run of `steps`, at a cost of so many steps each, or at one that changes. */
  function recordedSteps(steps: number, costAt: number | ((step: number) => number)): number[] {
    const schedule = new NormSchedule(steps);
    return Array.from({ length: steps }, (_, index) => index + 1).filter((step) => {
      if (!schedule.isDue(step)) return false;
      schedule.recorded(step, typeof costAt === "number" ? costAt : costAt(step), 1);
      return true;
    });
  }
  const upTo20 = Array.from({ length: 20 }, (_, index) => index + 1);

  it("is always in the first steps, then further and further apart, then as often as costs 0.4 % of a step", () => {
    const recorded = recordedSteps(100_000, 0.8);
    assert.deepEqual(recorded.slice(0, 24), [...upTo20, 23, 26, 30, 34]);
    assert.deepEqual(
      recorded.slice(-3).map((step, index, all) => step - (all[index - 1] ?? step)),
      [0, 200, 200],
    );
  });
  it("leaves no hole after a start that found the code cold", () => {
    const recorded = recordedSteps(40_000, (step) => (step <= 40 ? 5 : 0.8));
    assert.ok(
      recorded.every((step, index) => step <= 21 || step - (recorded[index - 1] ?? 0) <= 1 + step / 8),
      recorded.slice(0, 60).join(" "),
    );
  });
  it("is some fifty times in a short run, at no more than a twentieth of its time but for the start", () => {
    assert.deepEqual(
      recordedSteps(400, 0.8)
        .slice(-4)
        .map((step, index, all) => step - (all[index - 1] ?? step)),
      [0, 16, 16, 16],
    );
    const many = recordedSteps(4000, 0.8).filter((step) => step > 1000);
    assert.ok(many.length >= 36 && many.length <= 40, String(many.length));
  });
});
