import { strict as assert } from "node:assert";
import { layerLines, modelLine } from "../../../extension/editor/layerLines";
import { layerSizes } from "../../../extension/editor/layerSizes";
import { lineFinder } from "../../../extension/editor/lineFinder";
import { lineText, type LayerStatistics } from "../../../extension/editor/lineStatistics";
import { readModelFile } from "../../../engine/source/readModel";

const gap = (
  value: number | null,
  noiseFloor: number | null = 0.05,
): { layer: string; gap: number | null; alone: number | null; noiseFloor: number | null } => ({
  layer: "bn1",
  gap: value,
  alone: value,
  noiseFloor,
});

describe("the words behind a line", () => {
  const statistics = (value: number | null): LayerStatistics => ({
    layer: "bn1",
    step: 50,
    gap: gap(value),
    population: null,
    judgement: "ok",
    norm: {
      type: "norm",
      step: 50,
      layer: "bn1",
      batchMean: [0, 0, -0.1234, 0, 0],
      batchVariance: [0, 0, 12.34, 0, 0],
      runningMean: null,
      runningVariance: null,
      gamma: null,
      beta: null,
      meanShift: 0,
      varianceRatio: 1,
      gradientNorm: null,
    },
  });
  it("give median mean, variance and gap of one layer", () =>
    assert.equal(lineText([statistics(0.784)]), "gap 0.78 σ · μ −0.12 · σ² 12"));
  it("give the worst gap of several", () =>
    assert.equal(lineText([statistics(0.2), statistics(0.8), statistics(null)]), "gap up to 0.80 σ, 3 layers"));
  it("show what is not known as a dash, never as 0", () =>
    assert.equal(lineText([{ ...statistics(null), norm: null }]), "gap – σ · μ – · σ² –"));
});

describe("lines that moved", () => {
  const find = lineFinder("a\nb\nc\nb", "new\na\nb\nc\nb");
  it("are found by their text when it is unique", () => assert.deepEqual([find(1), find(3)], [2, 4]));
  it("are not guessed when it is not", () => assert.equal(find(2), null));
  it("stay where they read the same", () => assert.equal(lineFinder("a\nb", "a\nx")(1), 1));
  it("are nowhere when they are gone", () => assert.equal(lineFinder("a\nb", "a\nx")(2), null));
});

describe("what can be done on a layer's line", () => {
  const text = `import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(8, 4)
        self.bn1 = nn.BatchNorm1d(4)
        self.fc2 = nn.Linear(4, 4)  # normlens: add bn
        self.act = nn.ReLU()
        self.out = nn.Linear(4, 2)
    def forward(self, x):
        return self.out(self.act(self.fc2(self.bn1(self.fc1(x)))))
`;
  const reading = readModelFile({ path: "net.py", text });
  it("depends on what the line makes and what is there already", () =>
    assert.deepEqual(
      layerLines(reading).map(({ line, actions }) => [line, ...actions]),
      [
        [6, "removeNormalization"],
        [7, "clearAnnotation"],
        [9, "addNormalization"],
      ],
    ));
  it("is told with its size: shapes, and samples per channel for BN at the chosen batch", () =>
    assert.deepEqual(
      layerSizes(reading, 60).map(({ line, shape, samplesPerChannel }) => [line, shape, samplesPerChannel]),
      [
        [5, "4", null],
        [6, "4", 60],
        [7, "4", null],
        [8, "4", null],
        [9, "2", null],
      ],
    ));
  it("begins at the model's own line", () => assert.equal(modelLine(reading), 2));
});
