import { strict as assert } from "node:assert";
import fc from "fast-check";
import { padded } from "../../../../engine/nn/activationBuffer";
import { channelBlocks } from "../../../../engine/nn/convolution/channelBlocks";
import { denseWeight } from "../../../../engine/nn/convolution/denseConvolution";

const layers = fc
  .record({
    inPerGroup: fc.integer({ min: 1, max: 20 }),
    outPerGroup: fc.integer({ min: 1, max: 20 }),
    groups: fc.integer({ min: 1, max: 9 }),
    isPadded: fc.boolean(),
  })
  .map(({ inPerGroup, outPerGroup, groups, isPadded }) => ({
    inChannels: inPerGroup * groups,
    outChannels: outPerGroup * groups,
    groups,
    isPadded,
  }));

describe("Blocks of a grouped convolution", () => {
  it("cover all channels of both sides once, in whole columns", () => {
    fc.assert(
      fc.property(layers, ({ inChannels, outChannels, groups, isPadded }) => {
        const inputColumns = isPadded ? padded(inChannels) : inChannels;
        const blocks = channelBlocks({
          inChannels,
          outChannels,
          groups,
          inputColumns,
          outputColumns: padded(outChannels),
          taps: 4,
        });
        let input = 0;
        let output = 0;
        let offset = 0;
        for (const block of blocks) {
          assert.deepEqual([block.inputStart, block.outputStart, block.offset], [input, output, offset]);
          assert.deepEqual([block.outputStart % 8, block.outputColumns % 8, block.inputStart % 8], [0, 0, 0]);
          assert.equal(
            block.inputChannels * outChannels,
            block.outputChannels * inChannels,
            "as many groups on both sides",
          );
          input += block.inputRows;
          output += block.outputColumns;
          offset += 4 * block.inputRows * block.outputColumns;
        }
        assert.deepEqual([input, output], [inputColumns, padded(outChannels)]);
      }),
    );
  });
  it("give each weight a separate place", () => {
    fc.assert(
      fc.property(layers, ({ inChannels, outChannels, groups, isPadded }) => {
        const shape = {
          inChannels,
          outChannels,
          groups,
          kernelSize: [2, 1] as const,
          stride: [1, 1] as const,
          padding: [0, 0] as const,
          dilation: [1, 1] as const,
        };
        const spec = denseWeight("w", shape, isPadded ? padded(inChannels) : inChannels);
        const count = spec.shape.reduce((product, size) => product * size, 1);
        const places = new Set(Array.from({ length: count }, (_, index) => spec.storedIndex(index)));
        assert.equal(places.size, count);
        assert.ok(Math.max(...places) < spec.storedFloats);
      }),
    );
  });
});
