import { strict as assert } from "node:assert";
import fc from "fast-check";
import { axisHalo, phasesOf } from "../../../../engine/nn/convolution/axisPhases";
import { phaseTaps } from "../../../../engine/nn/convolution/convolution";

const axes = fc
  .record({
    inputSize: fc.integer({ min: 1, max: 20 }),
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 5 }),
    padding: fc.nat(4),
    dilation: fc.integer({ min: 1, max: 4 }),
  })
  .map((axis) => ({
    ...axis,
    outputSize:
      Math.floor((axis.inputSize + 2 * axis.padding - axis.dilation * (axis.kernel - 1) - 1) / axis.stride) + 1,
  }))
  .filter(({ outputSize }) => outputSize >= 1);

describe("A convolution's phases along an axis", () => {
  it("join every input with the outputs and taps that take it, and with no others", () => {
    fc.assert(
      fc.property(axes, (axis) => {
        const expected = new Set<string>();
        for (let output = 0; output < axis.outputSize; output++) {
          for (let tap = 0; tap < axis.kernel; tap++) {
            const input = output * axis.stride + tap * axis.dilation - axis.padding;
            if (input >= 0 && input < axis.inputSize) expected.add(`${input} ${output} ${tap}`);
          }
        }
        const halo = axisHalo(axis);
        const found = new Set<string>();
        for (const phase of phasesOf(axis)) {
          for (let index = 0; index < phase.count; index++) {
            const input = phase.offset + index * axis.stride;
            assert.ok(input < axis.inputSize);
            for (const [step, tap] of phaseTaps(phase).entries()) {
              const output = index + phase.firstOutput + step * phase.outputStep;
              assert.ok(
                output >= -halo.gradientBefore && output < axis.outputSize + halo.gradientAfter,
                "beyond the halo",
              );
              if (output >= 0 && output < axis.outputSize) found.add(`${input} ${output} ${tap}`);
            }
          }
        }
        assert.deepEqual([...found].sort(), [...expected].sort());
        const last = (axis.outputSize - 1) * axis.stride + (axis.kernel - 1) * axis.dilation - axis.padding;
        assert.ok(last < axis.inputSize + halo.inputAfter && halo.inputBefore === axis.padding);
      }),
      { numRuns: 500 },
    );
  });
});
