import { strict as assert } from "node:assert";
import { readKeras, wholeGraph } from "./helpers";
import { python } from "../../support/python";

/** The shape of a part of an input, and how many weights a Dense layer behind it has. */
function part(index: string, input = "(6, 8, 4)"): string {
  const graph = wholeGraph(python`
    i = Input(${input})
    x = i[${index}]
    model = Model(i, layers.Dense(2, use_bias=False)(x))
  `);
  const shape = graph.nodes.find(({ layer }) => layer !== "dense")?.outputShape;
  return `${shape?.join("x") ?? "?"} ${graph.layers.find(({ name }) => name === "dense")?.parameters}`;
}

describe("Parts of a Keras tensor", () => {
  it("have the shape that is left of every sample", () => {
    assert.equal(part(":, :, :, 1:3"), "6x8x2 4");
    assert.equal(part("..., :3"), "6x8x3 6");
    assert.equal(part(":, 1:-1, ::2"), "4x4x4 8");
    assert.equal(part(":, -1"), "8x4 8");
    assert.equal(part("..., None"), "6x8x4x1 2");
    assert.equal(part(":, -1, :", "(None, 5)"), "5 10");
  });
  it("are unknown where some of the batch is taken, or where nobody knows which", () => {
    for (const index of ["0", "2:", "None", "..., 0, :, :, :", ":, :, n()"]) {
      const { graph } = readKeras(`i = Input((6, 8, 4))\nx = i[${index}]\nmodel = Model(i, layers.Dense(2)(x))\n`);
      assert.equal(graph?.parameters ?? null, null, index);
    }
  });
  it("have a shape in a Lambda too, which makes their convolutions known", () => {
    const graph = wholeGraph(python`
      i = Input((9, 9, 8))
      groups = []
      for c in range(2):
          x = layers.Lambda(lambda z: z[:, :, :, c * 4:(c + 1) * 4])(i)
          groups.append(layers.Conv2D(3, 3, use_bias=False)(x))
      x = layers.BatchNormalization()(layers.concatenate(groups))
      model = Model(i, x)
    `);
    assert.equal(graph.parameters, 2 * 4 * 9 * 3 + 4 * 6);
  });
});
