import { strict as assert } from "node:assert";
import { layerLines, modelLine } from "../../../extension/editor/layerLines";
import { lineFinder } from "../../../extension/editor/lineFinder";
import { gapSeverity, lineText, twoDigits, type LayerStatistics } from "../../../extension/editor/lineStatistics";
import { readModelFile } from "../../../engine/source/readModel";

const gap = (value: number | null, noiseFloor: number | null = 0.05): { layer: string; gap: number | null; alone: number | null; noiseFloor: number | null } => ({ layer: "bn1", gap: value, alone: value, noiseFloor });

describe("what a gap is worth", () => {
  const check = (value: number | null, floor: number | null, step: number, expected: string): void => assert.equal(gapSeverity(gap(value, floor), step, 0.1), expected);
  it("is nothing below three noise floors", () => check(0.14, 0.05, 100, "none"));
  it("is nothing below 0.1 σ, however quiet the layer is", () => check(0.09, 0.001, 100, "none"));
  it("is a warning above both", () => check(0.16, 0.05, 100, "warning"));
  it("is an error from 0.3 σ", () => check(0.31, 0.05, 100, "error"));
  it("is not judged before the running statistics could settle", () => {
    check(0.9, 0.05, 43, "none");
    check(0.9, 0.05, 44, "error");
  });
  it("is judged after 44 steps also when a tiny momentum never settles", () => assert.equal(gapSeverity(gap(0.9), 44, 0.001), "error"));
  it("is nothing when it is not known", () => {
    check(null, 0.05, 100, "none");
    check(0.9, null, 100, "none");
  });
});

describe("the words behind a line", () => {
  const statistics = (value: number | null): LayerStatistics => ({
    layer: "bn1", step: 50, gap: gap(value), population: null, severity: "none",
    norm: { type: "norm", step: 50, layer: "bn1", batchMean: [0, 0, -0.1234, 0, 0], batchVariance: [0, 0, 12.34, 0, 0], runningMean: null, runningVariance: null, gamma: null, beta: null, meanShift: 0, varianceRatio: 1, gradientNorm: null },
  });
  it("give median mean, variance and gap of one layer", () => assert.equal(lineText([statistics(0.784)]), "μ -0.12  σ² 12  gap 0.78 σ"));
  it("give the worst gap of several", () => assert.equal(lineText([statistics(0.2), statistics(0.8), statistics(null)]), "gap up to 0.80 σ, 3 layers"));
  it("show what is not known as a dash, never as 0", () => {
    assert.equal(lineText([{ ...statistics(null), norm: null }]), "μ –  σ² –  gap – σ");
    assert.equal(twoDigits(Number.NaN), "–");
  });
  it("have two digits", () => assert.deepEqual([0, 0.0000123, 0.0456, 0.123, 3.14159, 31.4, 31415].map(twoDigits), ["0", "1.2e-5", "0.046", "0.12", "3.1", "31", "3.1e+4"]));
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
    assert.deepEqual(layerLines(reading).map(({ line, actions }) => [line, ...actions]), [[6, "removeNormalization"], [7, "clearAnnotation"], [9, "addNormalization"]]));
  it("begins at the model's own line", () => assert.equal(modelLine(reading), 2));
});
