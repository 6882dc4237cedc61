import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { isActivation, isConvolution, isNormalization, keepsShape } from "../../../../engine/graph/layerKinds";
import { entryOf, opEntries } from "../../../../engine/graph/ops/opEntries";
import { parametersOf } from "../../../../engine/graph/parameters";
import { outputShape } from "../../../../engine/graph/shapes";
import type { Conv2dOp, LayerOp, LinearOp } from "../../../../engine/protocol/layerOps";
import type { Layer } from "../../../../engine/protocol/modelGraph";
import { sampleOps } from "../../support/sampleOps";

const samples: LayerOp[] = Object.values(sampleOps);
const layer = (op: LayerOp): Layer => ({
  name: op.kind,
  className: op.kind,
  op,
  functional: false,
  parameters: 0,
  range: { path: "model.py", startLine: 1, startColumn: 0, endLine: 1, endColumn: 1 },
  origin: "source",
});
const kindsOf = (belongs: (op: LayerOp) => boolean): string =>
  samples
    .filter(belongs)
    .map((op) => op.kind)
    .join(" ");

const size = fc.integer({ min: 1, max: 9 });
const shapes = fc.array(size, { minLength: 1, maxLength: 4 });

describe("The entries of layer kinds", () => {
  it("has one for each kind, and no other", () => {
    assert.deepEqual(Object.keys(opEntries).sort(), Object.keys(sampleOps).sort());
    assert.equal(new Set(Object.values(opEntries)).size, samples.length);
  });
  it("knows which roles they have", () => {
    assert.equal(
      kindsOf((op) => isNormalization(layer(op))),
      "batchNorm groupNorm instanceNorm layerNorm",
    );
    assert.equal(
      kindsOf((op) => isActivation(layer(op))),
      "activation prelu",
    );
    assert.equal(kindsOf(isConvolution), "conv2d convTranspose2d");
    assert.equal(kindsOf(keepsShape), "activation prelu softmax dropout affine identity");
  });
  it("gives the input's shape back where a kind keeps it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples.filter(keepsShape)), shapes, (op, shape) =>
        assert.deepEqual(outputShape(layer(op), [shape]), { shape, mismatch: null }),
      ),
    );
  });
  it("knows no output shape without that of the input", () => {
    for (const op of samples) assert.equal(outputShape(layer(op), [null]).shape, null, op.kind);
  });
  it("gives a shape or says what does not fit, for one input of any shape", () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), shapes, (op, shape) => {
        const result = outputShape(layer(op), [shape]);
        assert.ok(result.shape === null || result.mismatch === null, op.kind);
        if (result.mismatch !== null) assert.equal(result.mismatch.found, shape.join("×"));
      }),
    );
  });
  it("counts a 1×1 convolution as a Linear layer at each position", () => {
    fc.assert(
      fc.property(size, size, size, fc.boolean(), (inChannels, outChannels, length, bias) => {
        const linear: LinearOp = { kind: "linear", inFeatures: inChannels, outFeatures: outChannels, bias };
        const pointwise: Conv2dOp = {
          ...sampleOps.conv2d,
          ...{ inChannels, outChannels, bias, kernelSize: [1, 1], padding: [0, 0] },
        };
        assert.equal(parametersOf(pointwise), parametersOf(linear));
        assert.equal(
          entryOf(pointwise).multiplyAdds?.(pointwise, [inChannels, length, 2], [outChannels, length, 2]),
          2 * length * (entryOf(linear).multiplyAdds?.(linear, [inChannels], [outChannels]) ?? NaN),
        );
      }),
    );
  });
});
