import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import type { Schedule } from "../../../engine/protocol/trainConfig";
import { learningRateAt } from "../../../engine/training/learningRate";

const count = fc.integer({ min: 1, max: 40 });
const schedules: fc.Arbitrary<Schedule | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.record({ kind: fc.constant("step" as const), every: count, gamma: fc.constantFrom(0.1, 0.5, 1) }),
  fc.record({ kind: fc.constant("cosine" as const), lowest: fc.constantFrom(0, 0.05) }),
  fc.record({ kind: fc.constant("one-cycle" as const), rise: fc.double({ min: 0.001, max: 0.999, noNaN: true }) }),
);

describe("a learning rate", () => {
  it("is a number from 0 to the one asked for, at every step of a run of any length", () => {
    fc.assert(
      fc.property(schedules, fc.option(count, { nil: undefined }), count, (schedule, warmupSteps, steps) => {
        for (let step = 1; step <= steps; step++) {
          const rate = learningRateAt(
            {
              learningRate: 0.1,
              steps,
              ...(schedule ? { schedule } : {}),
              ...(warmupSteps === undefined ? {} : { warmupSteps }),
            },
            step,
          );
          assert.ok(rate >= 0 && rate <= 0.1 + 1e-15, `${rate} at step ${step}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("stays as it is without a schedule", () =>
    assert.deepEqual(
      [1, 2, 1000].map((step) => learningRateAt({ learningRate: 0.3, steps: 1000 }, step)),
      [0.3, 0.3, 0.3],
    ));
});
