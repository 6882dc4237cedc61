import { strict as assert } from "node:assert";
import { recalibrationWords } from "../../../webview/state/recalibrationWords";

describe("what recalibration would give, in words", () => {
  const known = { step: 400, accuracy: [0.723, 0.957], flips: [71, 2], samples: 256, isNeeded: true } as const;

  it("is each number before and after, with its step", () => {
    assert.equal(
      recalibrationWords({ ...known, distance: 0.78 }),
      "With exact statistics (recalibrated): accuracy 72.3 → 95.7\u00a0%, flips 71 → 2 of 256, " +
        "largest distance 0.78 → 0\u00a0σ, at step 400. The weights stay the same.",
    );
  });

  it("leaves out what is unknown", () => {
    assert.equal(
      recalibrationWords({ ...known, accuracy: null, samples: Number.NaN, distance: null }),
      "With exact statistics (recalibrated): flips 71 → 2, at step 400. The weights stay the same.",
    );
  });
});
