import { strict as assert } from "node:assert";
import { StepMemo } from "../../../extension/runs/stepMemo";

describe("what is remembered for pinned steps", () => {
  it("is worked out once for a step, and again when what it depends on changes", () => {
    const memo = new StepMemo<object | null>();
    const first = memo.at(null, "a", () => ({}));
    assert.equal(
      memo.at(null, "a", () => assert.fail("worked out again")),
      first,
    );
    assert.notEqual(
      memo.at(3, "a", () => ({})),
      first,
    );
    assert.notEqual(
      memo.at(null, "b", () => ({})),
      first,
    );
  });
  it("may be nothing", () => {
    const memo = new StepMemo<null>();
    memo.at(1, "a", () => null);
    assert.equal(
      memo.at(1, "a", () => assert.fail("worked out again")),
      null,
    );
  });
  it("is forgotten when there are many steps", () => {
    const memo = new StepMemo<number>();
    let worked = 0;
    for (let step = 0; step < 9; step++) memo.at(step, "a", () => ++worked);
    memo.at(0, "a", () => ++worked);
    assert.equal(worked, 10);
  });
});
