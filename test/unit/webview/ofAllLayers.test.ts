import assert from "node:assert/strict";
import { ofAllLayers } from "../../../webview/state/ofAllLayers";
import { reading } from "./makeRun";

describe("what all rows share", () => {
  it("is worked out once for the same readings, and anew for others", () => {
    let times = 0;
    const count = ofAllLayers((readings) => {
      times++;
      return readings.length;
    });
    const readings = [reading("bn1"), reading("bn2")];
    assert.deepEqual([count(readings), count(readings)], [2, 2]);
    assert.equal(times, 1);
    assert.equal(count([reading("bn1")]), 1);
    assert.equal(times, 2);
  });
});
