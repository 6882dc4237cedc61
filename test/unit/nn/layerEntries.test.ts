import { strict as assert } from "node:assert";
import { entryOf } from "../../../engine/graph/ops/opEntries";
import { padded } from "../../../engine/nn/activationBuffer";
import { layerEntries, layerEntryOf } from "../../../engine/nn/layerEntries";
import type { LayerOp } from "../../../engine/protocol/layerOps";
import { elementCount } from "../../../engine/protocol/shape";
import { sampleOps } from "../support/sampleOps";

const samples: LayerOp[] = Object.values(sampleOps);

describe("The layers that the engine trains", () => {
  it("has an entry for each kind, and no other", () => {
    assert.deepEqual(Object.keys(layerEntries).sort(), Object.keys(sampleOps).sort());
  });
  it("computes, moves or passes on what the graph calls trainable", () => {
    for (const op of samples) {
      const { create, moves, isPassedThrough } = layerEntryOf(op);
      const isTrained = create !== null || moves !== undefined || isPassedThrough === true;
      assert.equal(isTrained, (entryOf(op).untrainable?.(op) ?? null) === null, op.kind);
    }
  });
  it("stores as many learnable values as the graph counts", () => {
    for (const op of samples) {
      const tensors = layerEntryOf(op).parameters?.("layer", op, padded) ?? [];
      const stored = tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
      assert.equal(stored, entryOf(op).parameters(op) ?? 0, op.kind);
    }
  });
  it("knows the initial values of each learnable tensor", () => {
    for (const op of samples) {
      const { parameters, initialValues } = layerEntryOf(op);
      for (const { name } of parameters?.("layer", op, padded) ?? []) {
        const values = initialValues?.(op, name === "layer.weight" ? "weight" : "bias");
        assert.notEqual(values, undefined, `${op.kind} ${name}`);
      }
    }
  });
});
