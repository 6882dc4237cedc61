import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { layerDescription, type LayersItem, layersItems, layerTooltip } from "../../../extension/views/layerItems";
import { plainLineWords } from "../../../engine/protocol/problems";
import { readModelFile } from "../../../engine/source/readModel";
import type { ModelReading } from "../../../engine/source/modelReading";

type LayerItem = Extract<LayersItem, { kind: "layer" }>;

const itemOf = (reading: ModelReading, name: string): LayerItem => {
  const item = layersItems(reading).find(
    (candidate): candidate is LayerItem => candidate.kind === "layer" && candidate.layer.name === name,
  );
  return item ?? assert.fail(`${name} is not listed`);
};

const MODEL = `import torch.nn as nn

def block(channels):
    return nn.Sequential(nn.Conv2d(channels, 8, 3), nn.BatchNorm2d(8), nn.ReLU())

# normlens: model Net() input=3x8x8
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = block(3)
        self.last = nn.BatchNorm2d(8)
        self.unused = nn.Linear(8, 4)

    def forward(self, x):
        return self.last(self.block(x))
`;

describe("the Layers view", () => {
  const reading = readModelFile({ path: "net.py", text: MODEL });

  it("lists layers in forward order, those that are never called last", () => {
    assert.deepEqual(
      layersItems(reading).map((item) => (item.kind === "layer" ? item.layer.name : "?")),
      ["block.0", "block.1", "block.2", "last", "unused"],
    );
  });
  it("says where each BN layer stands", () => {
    assert.equal(
      layerDescription(itemOf(reading, "block.1")),
      "BatchNorm2d · 8×6×6 · 16 parameters · after block.0, before block.2",
    );
    assert.equal(itemOf(reading, "last").placement, "after block.2, before the output");
    assert.equal(itemOf(reading, "block.0").placement, null);
  });
  it("shows in the tooltip which calls led to a layer", () => {
    const { variant } = reading;
    assert.ok(variant);
    assert.deepEqual(layerTooltip(itemOf(reading, "block.0"), variant, plainLineWords).split("\n"), [
      "block.0",
      "Conv2d, output 8×6×6, 224 parameters",
      "line 4",
      "← Net.__init__ line 10",
    ]);
    assert.match(
      layerTooltip(itemOf(reading, "block.0"), variant, (line) => `cell 2 line ${line}`),
      /\ncell 2 line 4\n← .* cell 2 line 10/,
    );
  });
  it("has Keras's shapes as Keras writes them: height, width, channels", () => {
    const path = join("examples", "keras_resnet.py");
    const keras = readModelFile({ path, text: readFileSync(path, "utf8") });
    assert.match(
      layerDescription(itemOf(keras, "batch_normalization")),
      /^BatchNormalization · 32×32×16 · 64 parameters · after conv2d, before activation$/,
    );
  });
  it("is empty without a model", () =>
    assert.deepEqual(layersItems(readModelFile({ path: "a.py", text: "x = 1" })), []));
});
