import { strict as assert } from "node:assert";
import { batchNormLayers } from "../../../../engine/protocol/modelGraph";
import { python } from "../../support/python";
import { reasonsOf, rows, wholeGraph } from "./helpers";

const norms = (text: string): (string | number)[][] =>
  batchNormLayers(wholeGraph(text)).map(({ name, op }) => [name, op.numFeatures]);

describe("Layers that are called for each time step", () => {
  it("are layers of the model, BN among them", () => {
    assert.deepEqual(
      norms(python`
        clip = Input((6, 12, 12, 3))
        h = layers.TimeDistributed(layers.Conv2D(5, 3, use_bias=False), name="steps")(clip)
        h = layers.TimeDistributed(layers.BatchNormalization(name="norm"))(h)
        model = Model(clip, h)
      `),
      [["norm", 5]],
    );
    assert.deepEqual(
      norms(python`
        model = Sequential([
          Input((4, 7)),
          layers.TimeDistributed(layers.Dense(3)),
          layers.TimeDistributed(layers.BatchNormalization()),
          layers.GRU(2),
        ])
      `),
      [["batch_normalization", 3]],
    );
  });
  it("may be a model of their own", () => {
    const graph = wholeGraph(python`
      frame = Input((8, 8, 1))
      encoder = Model(frame, layers.Flatten()(layers.BatchNormalization()(layers.Conv2D(2, 3)(frame))), name="encoder")
      clip = Input((5, 8, 8, 1))
      model = Model(clip, layers.Dense(3)(layers.TimeDistributed(encoder)(clip)))
    `);
    assert.equal(graph.parameters, 20 + 8 + (72 * 3 + 3));
    assert.deepEqual(
      batchNormLayers(graph).map(({ name }) => name),
      ["encoder/batch_normalization"],
    );
    assert.deepEqual(rows(graph).at(-1), "dense 5x3 219");
  });
  it("keep the number of steps and the weights of one layer", () => {
    const graph = wholeGraph(python`
      i = Input((20, 8))
      model = Model(i, layers.TimeDistributed(layers.Dense(4))(i))
    `);
    assert.equal(graph.parameters, 36);
    assert.deepEqual(graph.nodes.at(-1)?.outputShape, [20, 4]);
  });
  it("are unknown where the layer is", () => {
    const reasons = reasonsOf(python`
      i = Input((20, 8))
      model = Model(i, layers.TimeDistributed(nobody_knows)(i))
    `);
    assert.ok(reasons.length > 0);
  });
});
