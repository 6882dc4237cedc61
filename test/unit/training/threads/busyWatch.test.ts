import * as assert from "node:assert/strict";
import { BusyWatch } from "../../../../engine/training/threads/busyWatch";

/** A watch with its own clock, in ms. */
class Watched {
  now = 1000;
  readonly watch = new BusyWatch(() => this.now);

  /** So many divided calls of 10 µs, the given share of them late. */
  divide(calls: number, isLate: (call: number) => boolean): void {
    for (let call = 0; call < calls; call++) {
      this.now += 0.01;
      this.watch.divided(isLate(call));
    }
  }

  /** How long calls are to be done alone from now on. */
  restMs(): number {
    const start = this.now;
    while (this.watch.isBusy()) this.now += 1;
    return this.now - start;
  }

  lateUntilRest(): number {
    this.divide(5, () => true);
    return this.restMs();
  }
}

describe("Watching whether the machine is busy", () => {
  it("lets every call be divided while helpers are in time", () => {
    const watched = new Watched();
    watched.divide(5000, () => false);
    assert.equal(watched.restMs(), 0);
  });

  it("tolerates single late helpers", () => {
    const watched = new Watched();
    watched.divide(5000, (call) => call % 128 === 0);
    assert.equal(watched.restMs(), 0);
  });

  it("rests when many are late, twice as long each time that the machine is found busy still, up to a second", () => {
    const watched = new Watched();
    const rests = Array.from({ length: 9 }, () => watched.lateUntilRest());
    assert.deepEqual(rests.map(Math.round), [10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
  });

  it("forgets how busy the machine was once it is not", () => {
    const watched = new Watched();
    watched.lateUntilRest();
    watched.lateUntilRest();
    watched.divide(256, () => false);
    assert.equal(Math.round(watched.lateUntilRest()), 10);
  });
});
