import { strict as assert } from "node:assert";
import fc from "fast-check";
import { trainabilityProblems } from "../../../../engine/graph/trainable";
import { batchNormLayers } from "../../../../engine/protocol/modelGraph";
import { inspectionOf } from "../../../../engine/source/inspect";
import { readModelFile } from "../../../../engine/source/readModel";
import { readKeras, reasonsOf, rows, wholeGraph } from "./helpers";
import { python } from "../../support/python";

const BLOCK = `
class Block(layers.Layer):
    def __init__(self, filters, stride=1, **kwargs):
        super().__init__(**kwargs)
        self.conv = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)
        self.bn = layers.BatchNormalization()
    def call(self, x, training=None):
        return tf.nn.relu(self.bn(self.conv(x), training=training))
`;

describe("Keras models", () => {
  it("have names that are made of letters", () => {
    const graph = wholeGraph(python`
      i = Input((8,))
      x = i
      for index in range(2):
          x = layers.Dense(4, name="block{}_{}".format(chr(ord("a") + index), ord("A")))(x)
      model = Model(i, x)
    `);
    assert.deepEqual(
      graph.layers.map(({ name }) => name),
      ["blocka_65", "blockb_65"],
    );
  });
  it("of a Sequential list, named as Keras names them", () => {
    const graph = wholeGraph(
      "model = Sequential([Input((28, 28, 1)), layers.Conv2D(8, 3), layers.BatchNormalization(), " +
        "layers.ReLU(), layers.Flatten(), layers.Dense(10)])\n",
    );
    assert.deepEqual(rows(graph), [
      "conv2d 26x26x8 80",
      "batch_normalization 26x26x8 32",
      "re_lu 26x26x8 0",
      "flatten 5408 0",
      "dense 10 54090",
    ]);
    assert.deepEqual(graph.inputs[0]?.shape, [28, 28, 1]);
    assert.equal(graph.parameters, 54202);
    assert.equal(graph.outputs[0]?.node, "dense");
  });
  it("with the calls that led to each layer", () => {
    const text = `def unit(x, filters):
    x = layers.Conv2D(filters, 3)(x)
    return layers.BatchNormalization()(x)

def stage(x):
    for filters in (4, 8):
        x = unit(x, filters)
    return x

def net():
    i = Input((28, 28, 1))
    return Model(i, layers.Dense(10)(layers.GlobalAveragePooling2D()(stage(i))))

model = net()
`;
    const graph = wholeGraph(text);
    const first = graph.layers[0]?.range.startLine ?? 0;
    const paths = graph.layers.map(({ callPath }) =>
      (callPath ?? []).map((site) => `${site.function} ${site.range.startLine - first}`).join(" < "),
    );
    assert.deepEqual(paths, ["stage 5 < net 10", "stage 5 < net 10", "stage 5 < net 10", "stage 5 < net 10", "", ""]);
  });
  it("of a Sequential that grows, in every spelling of the input", () => {
    for (const first of [
      "layers.Dense(5, input_shape=(3,))",
      "layers.Dense(5, input_dim=3)",
      "layers.Dense(5, batch_input_shape=(None, 3))",
    ]) {
      assert.equal(
        wholeGraph(python`
          model = models.Sequential()
          model.add(${first})
          model.add(layers.Dense(2))
        `).parameters,
        32,
      );
    }
    assert.equal(
      wholeGraph(python`
        model = Sequential()
        model.add(layers.InputLayer((3,)))
        model.add(layers.Dense(2))
      `).parameters,
      8,
    );
    assert.equal(
      wholeGraph(python`
      model = Sequential([layers.Dense(2)])
      model.build((None, 3))
    `).parameters,
      8,
    );
    assert.equal(wholeGraph("model = Sequential([layers.Dense(2)])\n", { inputs: [[3]] }).parameters, 8);
  });
  it("count names by class in the order of creation", () => {
    const graph = wholeGraph(
      python`
        i = Input((4,))
        a = layers.Dense(4, name='first')(i)
        b = layers.Dense(4)(a)
        c = layers.Dense(4)(b)
        d = layers.LeakyReLU()(c)
        e = layers.MaxPool1D(2)(layers.Reshape((4, 1))(d))
        model = Model(i, e)
      `,
    );
    assert.deepEqual(
      graph.layers.map(({ name }) => name),
      ["first", "dense", "dense_1", "leaky_re_lu", "reshape", "max_pooling1d"],
    );
  });
  it("follow the functional API through helpers and branches", () => {
    const graph = wholeGraph(
      python`
        def block(x, n):
            y = layers.Conv2D(n, 3, padding='same')(x)
            y = layers.BatchNormalization()(y)
            s = layers.Conv2D(n, 1)(x)
            return layers.add([y, s])
        i = Input((8, 8, 3))
        x = i
        for n in [4, 8]:
            x = block(x, n)
        x = layers.concatenate([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])
        model = keras.Model(inputs=i, outputs=layers.Dense(2)(x))
      `,
    );
    // By decreasing distance from the output: the shortcut is as far as the normalization.
    assert.deepEqual(graph.layers.map(({ name }) => name).slice(0, 4), [
      "conv2d",
      "batch_normalization",
      "conv2d_1",
      "add",
    ]);
    assert.equal(graph.nodes.at(-1)?.inputs[0], "concatenate");
    assert.equal(graph.parameters, 112 + 16 + 16 + 296 + 32 + 40 + 34);
  });
  it("follow subclassed models and layers", () => {
    const graph = wholeGraph(
      python`
        ${BLOCK}
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.blocks = [Block(4), Block(8, stride=2)]
                self.pool = layers.GlobalAveragePooling2D()
                self.head = layers.Dense(3)
            def call(self, x, training=False):
                for b in self.blocks:
                    x = b(x, training=training)
                return self.head(self.pool(x))
        # normlens: model Net() input=8x8x1
      `,
    );
    assert.deepEqual(rows(graph).slice(0, 6), [
      "block/conv2d 8x8x4 36",
      "block/batch_normalization 8x8x4 16",
      "block_1/conv2d_1 4x4x8 288",
      "block_1/batch_normalization_1 4x4x8 32",
      "global_average_pooling2d 8 0",
      "dense 3 27",
    ]);
    assert.equal(graph.parameters, 399);
  });
  it("follow user-defined layers in a functional model", () => {
    const graph = wholeGraph(python`
      ${BLOCK}
      i = Input((8, 8, 1))
      model = Model(i, Block(4, name='stem')(i))
    `);
    assert.deepEqual(rows(graph), ["stem/conv2d 8x8x4 36", "stem/batch_normalization 8x8x4 16", "relu 8x8x4 0"]);
  });
  it("count the weights that a layer makes for itself", () => {
    const graph = wholeGraph(
      python`
        class Scale(layers.Layer):
            def build(self, input_shape):
                self.gain = self.add_weight(name='gain', shape=(input_shape[-1],))
            def call(self, x):
                return x * 2.0
        i = Input((8, 8, 6))
        model = Model(i, Scale()(i))
      `,
    );
    assert.equal(graph.parameters, 6);
  });
  it("nest models and call layers twice", () => {
    const graph = wholeGraph(
      python`
        f = Sequential([layers.Dense(4, input_shape=(3,)), layers.BatchNormalization()])
        a = Input((3,))
        b = layers.Dense(3)(a)
        model = Model(a, layers.Subtract()([f(a), f(b)]))
      `,
    );
    assert.equal(graph.parameters, 16 + 16 + 12);
    assert.equal(graph.nodes.filter(({ layer }) => layer === "sequential/batch_normalization").length, 2);
  });
  it("leave open sizes open and know what does not depend on them", () => {
    const reading = readKeras(
      python`
        i = Input((None, None, 3))
        model = Model(i, layers.Dense(2)(layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3)(i))))
      `,
    );
    assert.equal(reading.graph?.inputs[0]?.shape, null);
    assert.equal(reading.graph?.parameters, 224 + 18);
    const given = readKeras(
      python`
      i = Input((None, None, 3))
      model = Model(i, layers.Conv2D(8, 3)(i))
    `,
      {
        inputs: [[10, 12, 3]],
      },
    );
    assert.deepEqual(given.graph?.nodes[0]?.outputShape, [8, 10, 8]);
  });
  it("keep momentum and variance in Keras's convention", () => {
    const reading = readKeras(
      "model = Sequential([Input((8, 8, 6)), layers.BatchNormalization(momentum=0.9, epsilon=1e-4), " +
        "layers.BatchNormalization()])\n",
    );
    const [first, second] = reading.graph === null ? [] : batchNormLayers(reading.graph);
    assert.deepEqual(
      [first?.op.runningStatsUpdateWeight, first?.op.epsilon, first?.op.runningVarianceEstimator],
      [0.1, 1e-4, "population"],
    );
    assert.deepEqual([second?.op.runningStatsUpdateWeight, second?.op.featureAxis], [0.01, 2]);
    assert.deepEqual(
      inspectionOf(reading).batchNorms.map(({ momentum }) => momentum),
      [0.9, 0.99],
    );
  });
  it("are listed as candidates, functions and held models too", () => {
    const text = python`
        def build(shape=(3,)):
            return Sequential([Input(shape), layers.Dense(2)])
        def needs(shape):
            return Sequential([Input(shape), layers.Dense(2)])
        class Gan():
            def __init__(self):
                self.generator = build()
      `;
    const { candidates, model } = readKeras(text);
    assert.deepEqual(
      candidates.map(({ expression }) => expression),
      ["build()", "needs(…)", "Gan().generator"],
    );
    assert.equal(model, "build()");
  });
  it("are refused by the engine, with a reason", () => {
    const graph = wholeGraph("model = Sequential([Input((3,)), layers.Dense(2)])\n");
    assert.equal(trainabilityProblems(graph)[0]?.code, "framework-unsupported");
  });
  it("take added and removed normalizations", () => {
    const reading = readKeras(
      python`
        model = Sequential([
            Input((8, 8, 3)),
            layers.Conv2D(4, 3),  # normlens: add bn
            layers.Flatten(),
        ])
      `,
    );
    const added = reading.variant?.layers.find(({ origin }) => origin === "added");
    assert.deepEqual(
      [added?.className, added?.parameters, added?.op.kind === "batchNorm" ? added.op.featureAxis : null],
      ["BatchNormalization", 16, 2],
    );
    assert.deepEqual(
      reading.variant?.nodes.map(({ outputShape }) => outputShape?.join("x")),
      ["6x6x4", "6x6x4", "144"],
    );
  });
});

describe("What a Keras model does not say", () => {
  it("is reported, and nothing looks certain", () => {
    assert.match(
      reasonsOf(python`
        i = Input((8,))
        model = Model(i, layers.NoSuchLayer()(i))
      `).join(),
      /keras\.layers\.NoSuchLayer/,
    );
    assert.match(
      reasonsOf(python`
        import os
        model = Sequential([Input((8,)), layers.Dense(int(os.environ["N"]))])
      `).join(),
      /./,
    );
    assert.match(
      reasonsOf(
        python`
          import os
          i = Input((8,))
          x = i
          if os.environ["DEEP"]:
              x = layers.Dense(3)(x)
          model = Model(i, layers.Dense(2)(x))
        `,
      ).join(),
      /./,
    );
    assert.match(
      reasonsOf(python`
        i = Input((8, 8, 3))
        model = Model(i, layers.Lambda(lambda x: tf.image.rot90(x))(i))
      `).join(),
      /tensorflow\.image\.rot90/,
    );
    assert.match(
      reasonsOf(python`
        model = keras.models.load_model('m.h5')
        i = Input((3,))
        m = Model(i, model(i))
      `).join(),
      /does not follow keras\.models\.load_model/,
    );
    assert.match(
      reasonsOf("model = Sequential([layers.Conv2D(8, 3), layers.BatchNormalization()])\n").join(),
      /unknown/,
    );
    assert.match(
      reasonsOf(python`
        i = Input((8, 8, 3))
        model = Model(i, layers.BatchNormalization(renorm=True)(i))
      `).join(),
      /renormalization/,
    );
  });
  it("includes own weights, and what Keras 1 meant by other arguments", () => {
    const layer = (body: string): string =>
      python`
        class Own(layers.Layer):
            def __init__(self):
                super().__init__()
                self.w = ${body}
            def call(self, x):
                return x
        i = Input((8, 8, 3))
        model = Model(i, layers.ReLU()(Own()(i)))
      `;
    assert.match(
      reasonsOf(layer("tf.Variable(tf.zeros((3,)))")).join(),
      /NormLens does not follow the size of a variable/,
    );
    assert.match(reasonsOf(layer("some_library.Thing()")).join(), /some_library/);
    assert.match(
      reasonsOf(python`
        i = Input((8, 8, 3))
        model = Model(i, layers.Conv2D(8, 3, 3)(i))
      `).join(),
      /a stride, or the kernel's width/,
    );
    assert.match(
      reasonsOf(python`
        i = Input((8, 8, 3))
        model = Model(i, layers.Conv2D(8, 3, padding='full')(i))
      `).join(),
      /the padding full/,
    );
    assert.match(
      reasonsOf(python`
        i = Input((8,))
        model = Model(i, layers.Dense(8, activation=layers.PReLU())(i))
      `).join(),
      /a PReLU that is an activation/,
    );
    assert.match(
      reasonsOf(python`
        i = Input((8,))
        l = layers.Dense(8)
        l.units = 4
        model = Model(i, l(i))
      `).join(),
      /units changes/,
    );
  });
  it("never throws, wherever the text ends", () => {
    const text = python`
      ${BLOCK}
      i = Input((8, 8, 3))
      x = Block(4)(i)
      x = layers.concatenate([x, layers.Conv2D(4, 3, padding='same')(i)])
      model = Model(i, layers.Dense(2)(layers.Flatten()(x)))
    `;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length }), (end) => void readKeras(text.slice(0, end))),
      { numRuns: 150 },
    );
  });
  it("reads old paths and star imports", () => {
    const text = python`
        from keras.models import *
        from keras.layers import *
        from keras.layers.convolutional import Conv2D
        from keras.layers.normalization import BatchNormalization
        from keras.optimizers import *
        def net(size=(16, 16, 1)):
            i = Input(size)
            x = BatchNormalization()(Conv2D(4, 3)(i))
            return Model(input=i, output=x)
      `;
    const { graph } = readModelFile({ path: "m.py", text });
    assert.equal(graph?.parameters, 40 + 16);
  });
});
