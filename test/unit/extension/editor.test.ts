import { strict as assert } from "node:assert";
import { layerLines, modelLine } from "../../../extension/editor/layerLines";
import { layerSizes } from "../../../extension/editor/layerSizes";
import { lineFinder } from "../../../extension/editor/lineFinder";
import { hoverText, lineText, quietText } from "../../../extension/editor/lineStatistics";
import { hoverChart, layerBars, sparkline } from "../../../extension/editor/sparkline";
import type { LayerReading } from "../../../engine/protocol/judgement";
import { judged } from "../judgement/makeSummary";
import { readModelFile } from "../../../engine/source/readModel";

const reading = (gap: number, more: Partial<LayerReading> = {}): LayerReading => {
  const [known] = judged({ layers: [{ gap, gapFloor: 0.05 }] }).layers;
  assert.ok(known);
  return { ...known, gap, batchMean: -0.1234, batchVariance: 12.34, ...more };
};

describe("the words after a line", () => {
  it("give median mean, variance and gap of one layer", () =>
    assert.equal(lineText([reading(0.784)]), "gap 0.78 σ · μ −0.12 · σ² 12"));
  it("give the worst gap of several", () =>
    assert.equal(lineText([reading(0.2), reading(0.8), reading(Number.NaN)]), "gap up to 0.80 σ, 3 layers"));
  it("leave out what is unknown", () => {
    const unknown = { batchMean: Number.NaN, batchVariance: Number.NaN };
    assert.equal(lineText([reading(0.784, { batchMean: Number.NaN })]), "gap 0.78 σ · σ² 12");
    assert.equal(lineText([reading(Number.NaN, { ...unknown, distance: 0.5 })]), "distance 0.50 σ");
    assert.equal(lineText([reading(Number.NaN), reading(Number.NaN)]), "2 layers");
  });
});

describe("the one number after a line", () => {
  it("is what its curve ends at, by the name of what the curve is", () => {
    assert.equal(quietText([reading(0.784)], { what: "gap", values: [0.2, 0.784] }), "gap 0.78 σ");
    assert.equal(quietText([reading(Number.NaN)], { what: "lag", values: [1.5] }), "behind 1.5 σ");
  });
  it("is the worst gap of several layers, which have no curve", () =>
    assert.equal(quietText([reading(0.2), reading(0.8)], null), "gap up to 0.80 σ, 2 layers"));
});

describe("drawings on a line", () => {
  const svgOf = (uri: string): string =>
    Buffer.from(uri.replace("data:image/svg+xml;base64,", ""), "base64").toString("utf8");
  const heights = (svg: string): number[] =>
    (/points="([^"]*)"/.exec(svg)?.[1] ?? "").split(" ").map((point) => Number(point.split(",")[1]));

  it("are higher for larger values, within their own height", () => {
    const [low = 0, middle = 0, high = 0] = heights(svgOf(sparkline([0.001, 0.2, 50], "#616161")));
    assert.ok(low > middle && middle > high && high >= 0 && low <= 14, `${low} ${middle} ${high}`);
  });
  it("have a bar for each layer of a line that makes several", () =>
    assert.equal(svgOf(layerBars([0.1, 0.2, 0.3], "#616161")).match(/<rect/g)?.length, 3));
  it("draw a single value, and many, without numbers that are none", () => {
    for (const values of [[0.1], Array.from({ length: 32 }, (_, index) => index / 10)])
      for (const draw of [sparkline, layerBars]) assert.doesNotMatch(svgOf(draw(values, "#616161")), /NaN|Infinity/);
    assert.doesNotMatch(svgOf(hoverChart([0.1], "#D97706", "#808080")), /NaN/);
  });
});

describe("the hover on a BN line", () => {
  it("sets what is above the noise floor in bold, and only that", () => {
    assert.match(hoverText(reading(0.784), 50), /^`bn1` .*50.*\*\*0\.78 σ\*\*/);
    const below = hoverText(reading(0.02, { gapSeverity: "ok" }), 50);
    assert.match(below, /0\.02 σ/);
    assert.doesNotMatch(below, /\*\*/);
  });
  it("never shows an unknown number as a dash or as 0", () => {
    const unknown = {
      gapFloor: Number.NaN,
      gapSeverity: "unknown",
      distance: 0.5,
      distanceFloor: Number.NaN,
      batchVariance: Number.NaN,
      populationMean: Number.NaN,
      populationVariance: Number.NaN,
    } as const;
    for (const text of [hoverText(reading(0.3, unknown), 50), hoverText(reading(Number.NaN, unknown), 50)]) {
      assert.doesNotMatch(text, /–|NaN|population \|/);
      assert.match(text, /\| batch \| −0\.12 \| unknown \|/);
      assert.match(text, /0\.50 σ/);
    }
  });
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
  it("is shown with its size: shapes, and samples per channel for BN at the chosen batch", () =>
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
