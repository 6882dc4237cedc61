/** The built-in descriptions against torchvision itself: the same layers, under the same names, in the same order. */
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { batchNormLayers } from "../../../engine/protocol/modelGraph";
import { readModelFile } from "../../../engine/source/readModel";
import { python } from "../../unit/support/python";

interface ExpectedModel {
  readonly parameters: number;
  readonly layers: number;
  readonly norms: number;
  /** Of the names of all layers, and the names and sizes of the batch normalizations. */
  readonly sha256: string;
}

const path = join(process.cwd(), "test/golden/models/torchvisionModels.json");
const { models } = JSON.parse(readFileSync(path, "utf8")) as { models: Record<string, ExpectedModel> };

describe("Models of torchvision", () => {
  for (const [name, expected] of Object.entries(models)) {
    it(name, () => {
      const text = python`
        from torchvision import models
        model = models.${name}(weights=None)
      `;
      const { graph } = readModelFile({ path: "model.py", text, inputs: [[3, 224, 224]] });
      assert.ok(graph);
      assert.deepEqual(graph.unknowns, []);
      const layers = graph.layers.filter((layer) => !layer.functional);
      const norms = batchNormLayers(graph);
      const lines = [
        ...layers.map((layer) => layer.name),
        ...norms.map((layer) => `${layer.name} ${layer.op.numFeatures}`),
      ];
      const sha256 = createHash("sha256").update(lines.join("\n")).digest("hex");
      assert.deepEqual({ parameters: graph.parameters, layers: layers.length, norms: norms.length, sha256 }, expected);
      assert.deepEqual(graph.nodes.find((node) => node.id === graph.outputs[0]?.node)?.outputShape, [1000]);
      assert.ok(layers.every((layer) => layer.range.path === "model.py" && layer.range.startLine === 2));
    });
  }

  it("are flagged where there is no description of them", () => {
    const { graph, problems } = readModelFile({
      path: "model.py",
      text: python`
        from torchvision import models
        model = models.inception_v3()
      `,
    });
    assert.ok(graph === null && problems.length > 0);
  });
});
