import { strict as assert } from "node:assert";
import { momentumInFramework, updatesToSettle } from "../../../engine/protocol/normalization";
import type { BatchNormOp } from "../../../engine/protocol/layerOps";

describe("the two momentum conventions", () => {
  const norm: BatchNormOp = {
    kind: "batchNorm",
    spatialDims: 2,
    numFeatures: 1,
    epsilon: 1e-3,
    runningStatsUpdateWeight: 0.01,
    affine: true,
    trackRunningStats: true,
    runningVarianceEstimator: "population",
  };
  it("are each other's complement, without floating-point dust", () => {
    assert.equal(momentumInFramework(norm, "keras"), 0.99);
    assert.equal(momentumInFramework(norm, "pytorch"), 0.01);
    assert.equal(momentumInFramework({ ...norm, runningStatsUpdateWeight: null }, "keras"), null);
  });
  it("need 44 updates at PyTorch's default and 459 at Keras's", () =>
    assert.deepEqual([updatesToSettle(0.1), updatesToSettle(0.01), updatesToSettle(1)], [44, 459, 1]));
});
