import { strict as assert } from "node:assert";
import { MOST_STANDINGS, Standings } from "../../../engine/judgement/standings";
import { read } from "./makeSummary";

/** One layer that stood at every step of 1 to `count`, evaluated at every hundredth. */
function folded(count: number, moved: (step: number) => number): Standings {
  const standings = new Standings();
  for (let step = 1; step <= count; step++) {
    const when = step % 100 === 0 ? "evaluated" : "rhythm";
    const layers = [{ layer: "bn1", runningMoved: moved(step) }];
    const record = read({ type: "standing", step, when, layers });
    if (record.type === "standing") standings.add(record);
  }
  return standings;
}

describe("standings", () => {
  it("are kept in a bounded number, the newest ones all, in order", () => {
    const kept = folded(5000, () => 1).of("bn1");
    const steps = kept.map(({ step }) => step);
    assert.ok(steps.length <= MOST_STANDINGS && steps.length > MOST_STANDINGS / 2);
    assert.deepEqual(
      steps,
      [...steps].sort((a, b) => a - b),
    );
    assert.deepEqual(steps.slice(-3), [4998, 4999, 5000]);
  });

  it("that are left out leave what moved to the next, and that the model was used", () => {
    const standings = folded(2000, (step) => (step === 7 ? 0.5 : 0));
    assert.deepEqual([standings.had("bn1", "evaluated"), standings.had("bn1", "saved")], [true, false]);
    const moved = standings.of("bn1").filter(({ runningMoved }) => runningMoved === 0.5);
    assert.equal(moved.length, 1);
    assert.equal(standings.count, 2000);
  });

  it("at which the model was used stay longer than others", () => {
    const kept = folded(400, () => 0).of("bn1");
    assert.deepEqual(
      kept.filter(({ when }) => when === "evaluated").map(({ step }) => step),
      [100, 200, 300, 400],
    );
  });
});
