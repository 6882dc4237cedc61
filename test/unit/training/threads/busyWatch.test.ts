import * as assert from "node:assert/strict";
import { BusyWatch } from "../../../../engine/training/threads/busyWatch";

/** How many calls in a row are to be done alone now. */
function restLength(watch: BusyWatch): number {
  let calls = 0;
  while (watch.isBusy()) calls += 1;
  return calls;
}

const repeat = (times: number, action: () => void): void => {
  for (let index = 0; index < times; index++) action();
};

describe("Watching whether the machine is busy", () => {
  it("lets every call be divided while helpers are in time", () => {
    const watch = new BusyWatch();
    repeat(5000, () => watch.divided(false));
    assert.equal(restLength(watch), 0);
  });

  it("bears with single late helpers", () => {
    const watch = new BusyWatch();
    for (let call = 0; call < 5000; call++) watch.divided(call % 64 === 0);
    assert.equal(restLength(watch), 0);
  });

  it("rests when many are late, and longer each time that it finds the machine still busy", () => {
    const watch = new BusyWatch();
    const rests = [1, 2, 3].map(() => {
      repeat(9, () => watch.divided(true));
      return restLength(watch);
    });
    assert.ok((rests[0] ?? 0) > 0);
    assert.deepEqual(rests.slice(1), rests.slice(0, -1).map((rest) => rest * 2));
  });

  it("forgets how busy the machine was once it is not", () => {
    const watch = new BusyWatch();
    const rest = (): number => {
      repeat(9, () => watch.divided(true));
      return restLength(watch);
    };
    const first = rest();
    rest();
    repeat(256, () => watch.divided(false));
    assert.equal(rest(), first);
  });
});
