import { strict as assert } from "node:assert";
import { atStart, layersText, layerText, verbFor } from "../../../engine/findings/layerText";
import type { FindingContext } from "../../../engine/findings/context";

const layersOf = (...names: string[]): FindingContext["layers"] =>
  new Map(names.map((name) => [name, { name, className: "Conv2d" }])) as unknown as FindingContext["layers"];

describe("names of layers in findings", () => {
  it("are the person's own", () =>
    assert.equal(layerText({ name: "layer1.0.bn1", className: "BatchNorm2d" }), "layer1.0.bn1"));
  it("have their class where the name ends in a number", () =>
    assert.equal(layerText({ name: "features.0", className: "Conv2d" }), "features.0 (Conv2d)"));
  it("are called layers where the name is only numbers", () =>
    assert.deepEqual(
      ["0", "0.1"].map((name) => layerText({ name, className: "Conv2d" })),
      ["layer 0 (Conv2d)", "layer 0.1 (Conv2d)"],
    ));
  it("are counted after the first", () =>
    assert.equal(layersText({ layers: layersOf("0", "3") }, ["0", "3"]), "layer 0 (Conv2d) and 1 more"));
  it("are missing where no model was followed", () =>
    assert.equal(atStart(layersText({ layers: layersOf() }, [])), "This layer"));
  it("keep their letters at the start of a sentence", () =>
    assert.deepEqual(["conv1", "layer1.bn", "layer 0 (Conv2d)"].map(atStart), [
      "conv1",
      "layer1.bn",
      "Layer 0 (Conv2d)",
    ]));
  it("go with a verb of their number", () =>
    assert.deepEqual(
      [verbFor([], "keep"), verbFor(["a"], "keep"), verbFor(["a", "b"], "keep")],
      ["keeps", "keeps", "keep"],
    ));
});
