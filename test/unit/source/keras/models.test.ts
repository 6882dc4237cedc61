import { strict as assert } from "node:assert";
import fc from "fast-check";
import { trainabilityProblems } from "../../../../engine/graph/trainable";
import { batchNormLayers } from "../../../../engine/protocol/modelGraph";
import { inspectionOf } from "../../../../engine/source/inspect";
import { readModelFile } from "../../../../engine/source/readModel";
import { readKeras, reasonsOf, rows, wholeGraph } from "./helpers";

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
  it("of a Sequential list, named as Keras names them", () => {
    const graph = wholeGraph(
      "model = Sequential([Input((28, 28, 1)), layers.Conv2D(8, 3), layers.BatchNormalization(), layers.ReLU(), layers.Flatten(), layers.Dense(10)])\n",
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
        wholeGraph(`model = models.Sequential()\nmodel.add(${first})\nmodel.add(layers.Dense(2))\n`).parameters,
        32,
      );
    }
    assert.equal(
      wholeGraph("model = Sequential()\nmodel.add(layers.InputLayer((3,)))\nmodel.add(layers.Dense(2))\n").parameters,
      8,
    );
    assert.equal(wholeGraph("model = Sequential([layers.Dense(2)])\nmodel.build((None, 3))\n").parameters, 8);
    assert.equal(wholeGraph("model = Sequential([layers.Dense(2)])\n", { inputs: [[3]] }).parameters, 8);
  });
  it("count names by class in the order of creation", () => {
    const graph = wholeGraph(
      "i = Input((4,))\na = layers.Dense(4, name='first')(i)\nb = layers.Dense(4)(a)\nc = layers.Dense(4)(b)\nd = layers.LeakyReLU()(c)\ne = layers.MaxPool1D(2)(layers.Reshape((4, 1))(d))\nmodel = Model(i, e)\n",
    );
    assert.deepEqual(
      graph.layers.map(({ name }) => name),
      ["first", "dense", "dense_1", "leaky_re_lu", "reshape", "max_pooling1d"],
    );
  });
  it("follow the functional API through helpers and branches", () => {
    const graph = wholeGraph(
      "def block(x, n):\n    y = layers.Conv2D(n, 3, padding='same')(x)\n    y = layers.BatchNormalization()(y)\n    s = layers.Conv2D(n, 1)(x)\n    return layers.add([y, s])\ni = Input((8, 8, 3))\nx = i\nfor n in [4, 8]:\n    x = block(x, n)\nx = layers.concatenate([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])\nmodel = keras.Model(inputs=i, outputs=layers.Dense(2)(x))\n",
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
      `${BLOCK}\nclass Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.blocks = [Block(4), Block(8, stride=2)]\n        self.pool = layers.GlobalAveragePooling2D()\n        self.head = layers.Dense(3)\n    def call(self, x, training=False):\n        for b in self.blocks:\n            x = b(x, training=training)\n        return self.head(self.pool(x))\n# normlens: model Net() input=8x8x1\n`,
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
    const graph = wholeGraph(`${BLOCK}\ni = Input((8, 8, 1))\nmodel = Model(i, Block(4, name='stem')(i))\n`);
    assert.deepEqual(rows(graph), ["stem/conv2d 8x8x4 36", "stem/batch_normalization 8x8x4 16", "relu 8x8x4 0"]);
  });
  it("count the weights that a layer makes for itself", () => {
    const graph = wholeGraph(
      "class Scale(layers.Layer):\n    def build(self, input_shape):\n        self.gain = self.add_weight(name='gain', shape=(input_shape[-1],))\n    def call(self, x):\n        return x * 2.0\ni = Input((8, 8, 6))\nmodel = Model(i, Scale()(i))\n",
    );
    assert.equal(graph.parameters, 6);
  });
  it("nest models and call layers twice", () => {
    const graph = wholeGraph(
      "f = Sequential([layers.Dense(4, input_shape=(3,)), layers.BatchNormalization()])\na = Input((3,))\nb = layers.Dense(3)(a)\nmodel = Model(a, layers.Subtract()([f(a), f(b)]))\n",
    );
    assert.equal(graph.parameters, 16 + 16 + 12);
    assert.equal(graph.nodes.filter(({ layer }) => layer === "sequential/batch_normalization").length, 2);
  });
  it("leave open sizes open and know what does not depend on them", () => {
    const reading = readKeras(
      "i = Input((None, None, 3))\nmodel = Model(i, layers.Dense(2)(layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3)(i))))\n",
    );
    assert.equal(reading.graph?.inputs[0]?.shape, null);
    assert.equal(reading.graph?.parameters, 224 + 18);
    const given = readKeras("i = Input((None, None, 3))\nmodel = Model(i, layers.Conv2D(8, 3)(i))\n", {
      inputs: [[10, 12, 3]],
    });
    assert.deepEqual(given.graph?.nodes[0]?.outputShape, [8, 10, 8]);
  });
  it("keep momentum and variance in Keras's convention", () => {
    const reading = readKeras(
      "model = Sequential([Input((8, 8, 6)), layers.BatchNormalization(momentum=0.9, epsilon=1e-4), layers.BatchNormalization()])\n",
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
    const text =
      "def build(shape=(3,)):\n    return Sequential([Input(shape), layers.Dense(2)])\ndef needs(shape):\n    return Sequential([Input(shape), layers.Dense(2)])\nclass Gan():\n    def __init__(self):\n        self.generator = build()\n";
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
      "model = Sequential([\n    Input((8, 8, 3)),\n    layers.Conv2D(4, 3),  # normlens: add bn\n    layers.Flatten(),\n])\n",
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
      reasonsOf("i = Input((8,))\nmodel = Model(i, layers.NoSuchLayer()(i))\n").join(),
      /keras\.layers\.NoSuchLayer/,
    );
    assert.match(
      reasonsOf('import os\nmodel = Sequential([Input((8,)), layers.Dense(int(os.environ["N"]))])\n').join(),
      /./,
    );
    assert.match(
      reasonsOf(
        'import os\ni = Input((8,))\nx = i\nif os.environ["DEEP"]:\n    x = layers.Dense(3)(x)\nmodel = Model(i, layers.Dense(2)(x))\n',
      ).join(),
      /./,
    );
    assert.match(
      reasonsOf("i = Input((8, 8, 3))\nmodel = Model(i, layers.Lambda(lambda x: tf.image.rot90(x))(i))\n").join(),
      /tensorflow\.image\.rot90/,
    );
    assert.match(
      reasonsOf("model = keras.models.load_model('m.h5')\ni = Input((3,))\nm = Model(i, model(i))\n").join(),
      /does not follow keras\.models\.load_model/,
    );
    assert.match(
      reasonsOf("model = Sequential([layers.Conv2D(8, 3), layers.BatchNormalization()])\n").join(),
      /unknown/,
    );
    assert.match(
      reasonsOf("i = Input((8, 8, 3))\nmodel = Model(i, layers.BatchNormalization(renorm=True)(i))\n").join(),
      /renormalization/,
    );
  });
  it("includes own weights, and what Keras 1 meant by other arguments", () => {
    const layer = (body: string): string =>
      `class Own(layers.Layer):\n    def __init__(self):\n        super().__init__()\n        self.w = ${body}\n    def call(self, x):\n        return x\ni = Input((8, 8, 3))\nmodel = Model(i, layers.ReLU()(Own()(i)))\n`;
    assert.match(
      reasonsOf(layer("tf.Variable(tf.zeros((3,)))")).join(),
      /NormLens does not follow the size of a variable/,
    );
    assert.match(reasonsOf(layer("some_library.Thing()")).join(), /some_library/);
    assert.match(
      reasonsOf("i = Input((8, 8, 3))\nmodel = Model(i, layers.Conv2D(8, 3, 3)(i))\n").join(),
      /a stride, or the kernel's width/,
    );
    assert.match(
      reasonsOf("i = Input((8, 8, 3))\nmodel = Model(i, layers.Conv2D(8, 3, padding='full')(i))\n").join(),
      /the padding full/,
    );
    assert.match(
      reasonsOf("i = Input((8,))\nmodel = Model(i, layers.Dense(8, activation=layers.PReLU())(i))\n").join(),
      /a PReLU that is an activation/,
    );
    assert.match(
      reasonsOf("i = Input((8,))\nl = layers.Dense(8)\nl.units = 4\nmodel = Model(i, l(i))\n").join(),
      /units changes/,
    );
  });
  it("never throws, wherever the text ends", () => {
    const text = `${BLOCK}\ni = Input((8, 8, 3))\nx = Block(4)(i)\nx = layers.concatenate([x, layers.Conv2D(4, 3, padding='same')(i)])\nmodel = Model(i, layers.Dense(2)(layers.Flatten()(x)))\n`;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length }), (end) => void readKeras(text.slice(0, end))),
      { numRuns: 150 },
    );
  });
  it("reads old paths and star imports", () => {
    const text =
      "from keras.models import *\nfrom keras.layers import *\nfrom keras.layers.convolutional import Conv2D\nfrom keras.layers.normalization import BatchNormalization\nfrom keras.optimizers import *\ndef net(size=(16, 16, 1)):\n    i = Input(size)\n    x = BatchNormalization()(Conv2D(4, 3)(i))\n    return Model(input=i, output=x)\n";
    const { graph } = readModelFile({ path: "m.py", text });
    assert.equal(graph?.parameters, 40 + 16);
  });
});
