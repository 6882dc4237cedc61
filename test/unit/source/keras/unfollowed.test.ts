import { strict as assert } from "node:assert";
import { batchNormLayers } from "../../../../engine/protocol/modelGraph";
import { python } from "../../support/python";
import { OFFSET, readKeras, reasonsOf, rows, wholeGraph } from "./helpers";

/** `bn 16` of every BN layer, and why parameters are unknown. */
function partOf(text: string): { norms: string[]; reasons: string[] } {
  const { graph, unknowns } = readKeras(text);
  assert.ok(graph);
  assert.equal(graph.parameters, null);
  return {
    norms: batchNormLayers(graph).map(({ name, op }) => `${name} ${op.numFeatures}`),
    reasons: unknowns.map(({ reason, range }) => `${range.startLine - OFFSET}: ${reason}`),
  };
}

describe("Calls on Keras tensors that are not followed", () => {
  it("leave the layers before and after them in the graph", () => {
    const text = python`
      i = Input((32, 32, 3))
      x = layers.Conv2D(8, 3)(i)
      x = layers.BatchNormalization()(x)
      x = tf.nn.space_to_depth(x, 2)
      x = layers.Conv2D(16, 3)(x)
      x = layers.BatchNormalization()(x)
      model = Model(i, layers.GlobalAveragePooling2D()(x))
    `;
    const { norms, reasons } = partOf(text);
    assert.deepEqual(norms, ["batch_normalization 8", "batch_normalization_1 16"]);
    assert.deepEqual(reasons, [
      "4: NormLens does not follow tensorflow.nn.space_to_depth",
      "5: the number of weights of conv2d_1 is unknown, because the size of its input is unknown",
    ]);
    const { graph } = readKeras(text);
    assert.ok(graph);
    assert.deepEqual(rows(graph).slice(0, 5), [
      "conv2d 30x30x8 224",
      "batch_normalization 30x30x8 32",
      "space_to_depth ? ?",
      "conv2d_1 ? ?",
      "batch_normalization_1 ? 64",
    ]);
    const inputsOf = (layer: string): readonly string[] | undefined =>
      graph.nodes.find((node) => node.layer === layer)?.inputs;
    assert.deepEqual(inputsOf("space_to_depth"), ["batch_normalization"]);
    assert.deepEqual(inputsOf("conv2d_1"), ["space_to_depth"]);
  });
  it("of a pretrained model without description, whose head is flattened or pooled", () => {
    const heads = [
      ["include_top=False", "layers.Flatten()(base.output)"],
      ["include_top=False, pooling='avg'", "base.output"],
      ["include_top=False", "layers.GlobalAveragePooling2D()(base.output)"],
      ["classes=20", "base.output"],
    ] as const;
    for (const [given, features] of heads) {
      const { norms } = partOf(python`
        base = keras.applications.MobileNet(${given})
        x = layers.BatchNormalization()(layers.Dense(8)(${features}))
        model = Model(base.input, layers.Dense(2)(x))
      `);
      assert.deepEqual(norms, ["batch_normalization 8"], given);
    }
  });
  it("of a pretrained model that has no description", () => {
    for (const base of [
      "keras.applications.NASNetMobile(include_top=False, input_shape=(224, 224, 3))",
      "keras.applications.inception_v3.InceptionV3(include_top=False, input_tensor=Input((224, 224, 3)))",
    ])
      for (const output of ["base.output", "base.get_layer('block4').output", "base(base.input)"]) {
        const { norms, reasons } = partOf(python`
          base = ${base}
          for layer in base.layers[:9]:
              layer.trainable = False
          x = layers.Conv2D(16, 3)(${output})
          x = layers.BatchNormalization()(x)
          model = Model(base.input, layers.GlobalAveragePooling2D()(x))
          for layer in model.layers[9:]:
              layer.trainable = True
        `);
        assert.deepEqual(norms, ["batch_normalization 16"], `${base} ${output}`);
        assert.match(reasons[0] ?? "", /^1: NormLens does not follow keras\.applications\./);
      }
  });
  it("of a pretrained model whose number of layers is unknown", () => {
    const head = (model: string): string => python`
      base = keras.applications.NASNetMobile(include_top=False)
      first = Model(base.input, layers.Conv2D(3, 3)(base.output))
      x = layers.Conv2D(len(${model}.layers), 3)(base.output)
      model = Model(base.input, layers.GlobalAveragePooling2D()(layers.BatchNormalization()(x)))
    `;
    for (const model of ["base", "first"])
      assert.match(reasonsOf(head(model)).join(), /how many layers this model has/);
  });
  it("in a Lambda", () => {
    const { norms, reasons } = partOf(python`
      i = Input((32, 32, 3))
      x = layers.Lambda(lambda t: tf.map_fn(len, t))(layers.Conv2D(4, 1)(i))
      model = Model(i, layers.BatchNormalization()(layers.Conv2D(6, 1)(x)))
    `);
    assert.deepEqual(norms, ["batch_normalization 6"]);
    assert.equal(reasons[0], "2: NormLens does not follow tensorflow.map_fn");
  });
  it("of a module that can't be read", () => {
    const { norms, reasons } = partOf(python`
      from somewhere import mix
      i = Input((32, 32, 3))
      x = mix(layers.BatchNormalization()(layers.Conv2D(4, 1)(i)), 3)
      model = Model(i, layers.BatchNormalization()(layers.Conv2D(6, 1)(x)))
    `);
    assert.deepEqual(norms, ["batch_normalization 4", "batch_normalization_1 6"]);
    assert.match(reasons[0] ?? "", /mix/);
  });
  it("in the call of a layer of the user's", () => {
    const { norms, reasons } = partOf(python`
      class Mix(layers.Layer):
          def call(self, x):
              return [x][len(x.name)]
      i = Input((8, 8, 3))
      x = Mix()(layers.BatchNormalization()(i))
      model = Model(i, layers.BatchNormalization()(layers.Conv2D(6, 1)(x)))
    `);
    assert.deepEqual(norms, ["batch_normalization 3", "batch_normalization_1 6"]);
    assert.equal(reasons.length > 0, true);
  });
  it("are unknown nowhere else: a call that the model does not need leaves it whole", () => {
    const graph = wholeGraph(python`
      i = Input((8, 8, 3))
      x = layers.BatchNormalization()(i)
      tf.summary.histogram("x", x)
      model = Model(i, layers.Conv2D(2, 1)(x))
    `);
    assert.equal(graph.parameters, 12 + 8);
  });
  it("give no size to a layer that has one of several inputs from them", () => {
    const { graph } = readKeras(python`
      from somewhere import other
      i = Input((8, 8, 3))
      x = layers.Concatenate()([layers.Conv2D(4, 1)(i), other])
      model = Model(i, layers.BatchNormalization()(x))
    `);
    assert.ok(graph);
    assert.equal(graph.parameters, null);
    assert.deepEqual(
      rows(graph).filter((row) => row.startsWith("concatenate")),
      ["concatenate ? 0"],
    );
    assert.deepEqual(batchNormLayers(graph), []);
  });
});

describe("What goes into a Keras layer beside its tensors", () => {
  const joined = (expression: string): string =>
    python`
      i = Input((8, 8, 3))
      x = ${expression}
      model = Model(i, layers.BatchNormalization()(x))
    `;
  for (const expression of [
    "layers.Concatenate()([i, tf.zeros((1, 8, 8, 2))])",
    "layers.concatenate([i, tf.constant(2.0)])",
    "tf.concat([i, tf.ones((1, 8, 8, 2))], axis=-1)",
    "tf.add(i, tf.random.normal((8, 8, 3)))",
  ])
    it(`makes its size unknown: ${expression}`, () => {
      const { graph } = readKeras(joined(expression));
      assert.ok(graph);
      assert.equal(graph.parameters, null);
      assert.deepEqual(batchNormLayers(graph), []);
    });
  it("is its mode, where it is the second argument of a layer that has one", () => {
    const graph = wholeGraph(python`
      class Frozen(layers.BatchNormalization):
          def call(self, x, training=False):
              training = tf.logical_and(training, self.trainable)
              return super().call(x, training)
      i = Input((8, 8, 3))
      model = Model(i, Frozen()(i))
    `);
    assert.deepEqual(
      batchNormLayers(graph).map(({ op }) => op.numFeatures),
      [3],
    );
  });
});

describe("A tensor that an unknown branch decides", () => {
  const branch = (then: string): string => python`
    from somewhere import flag
    i = Input((8, 8, 3))
    x = layers.Conv2D(4, 1)(i)
    if flag:
        x = ${then}
    x = layers.BatchNormalization()(x)
    model = Model(i, x)
  `;
  it("keeps the layers of both ways, and its size where they agree", () => {
    const { norms, reasons } = partOf(branch("layers.BatchNormalization()(x)"));
    assert.equal(norms.length, 2);
    assert.equal(reasons.length > 0, true);
  });
  it("has no size where they do not", () => {
    const { norms } = partOf(branch("layers.BatchNormalization()(layers.Conv2D(5, 1)(x))"));
    assert.deepEqual(norms, ["batch_normalization 5"]);
  });
});

describe("What Keras code is written around", () => {
  const normsOf = (text: string): string[] => partOf(text).norms;
  const HEAD = "layers.BatchNormalization()(layers.Dense(8)(%))";
  const head = (tensor: string): string => HEAD.replace("%", tensor);
  it("leaves the head of a model from a file in the graph", () => {
    for (const made of ["keras.models.load_model(path)", "models.model_from_json(text)", "keras.saving.load_model(p)"])
      assert.deepEqual(
        normsOf(`base = ${made}\nmodel = Model(base.input, ${head("base.output")})\n`),
        ["batch_normalization 8"],
        made,
      );
  });
  it("leaves the layers of a model in the graph whose input has an unknown shape", () => {
    const text = "i = Input(shape=elsewhere.shape())\nx = layers.Conv2D(8, 3)(i)\n";
    const model = `import elsewhere\n${text}model = Model(i, layers.BatchNormalization()(x))\n`;
    assert.deepEqual(normsOf(model), ["batch_normalization 8"]);
    assert.match(reasonsOf(model).join(), /the size of its input is unknown/);
    assert.match(
      reasonsOf(`${"shapes = {}\n"}${text.replace("elsewhere.shape()", "shapes[0]")}model = Model(i, x)\n`).join(),
      /raises/,
    );
  });
  it("says where the layer of a Sequential is that it does not follow", () => {
    const text = `import hub\nmodel = Sequential([\n    hub.KerasLayer(url),\n    layers.Dense(8), layers.BatchNormalization()])\n`;
    assert.deepEqual(normsOf(text), ["batch_normalization 8"]);
    const { graph } = readKeras(text);
    assert.equal(graph?.layers.find(({ className }) => className === "layer")?.range.startLine, OFFSET + 3);
  });
  it("leaves what is computed with something unknown in the graph", () => {
    for (const step of [
      "x * elsewhere.scale()",
      "elsewhere.scale() - x",
      "tf.concat([x, elsewhere.more()], axis=-1)",
      "einops.rearrange(x, 'b (c n) -> b c n', n=n())",
    ])
      assert.deepEqual(
        normsOf(
          `import elsewhere\nimport einops\ni = Input((4,))\nx = layers.Dense(3)(i)\nx = ${step}\nmodel = Model(i, ${head("x")})\n`,
        ),
        ["batch_normalization 8"],
        step,
      );
  });
  it("leaves what one expression or another makes in the graph", () => {
    const step = "layers.Dense(5)(x) if elsewhere.flag() else x";
    const text = `import elsewhere\ni = Input((4,))\nx = layers.Dense(5)(i)\nx = ${step}\nmodel = Model(i, ${head("x")})\n`;
    assert.deepEqual(normsOf(text), ["batch_normalization 8"]);
  });
  it("leaves each of several values in the graph that a call gives", () => {
    for (const call of ["tf.split(x, 2, axis=-1)", "elsewhere.parts(x)"])
      assert.deepEqual(
        normsOf(
          `import elsewhere\ni = Input((4,))\nx = layers.Dense(6)(i)\na, b = ${call}\n` +
            `model = Model(i, layers.add([${head("a")}, ${head("b")}]))\n`,
        ),
        ["batch_normalization 8", "batch_normalization_1 8"],
        call,
      );
  });
  it("keeps the channels of an image that is resized", () => {
    const sizesOf = (resize: string): string | undefined => {
      const { graph } = readKeras(`i = Input((8, 6, 3))\nx = ${resize}\nmodel = Model(i, layers.Conv2D(4, 1)(x))\n`);
      return graph?.nodes[0]?.outputShape?.join("x");
    };
    assert.equal(sizesOf("tf.image.resize(i, (16, 12))"), "16x12x3");
    assert.equal(sizesOf("tf.compat.v1.image.resize_bilinear(i, [16, 12], align_corners=True)"), "16x12x3");
    assert.equal(sizesOf("keras.ops.image.resize(i, (16, 12))"), "16x12x3");
    assert.equal(sizesOf("keras.backend.resize_images(i, 2, 3, 'channels_last')"), "16x18x3");
    assert.equal(sizesOf("keras.backend.resize_images(i, 2, 3, 'channels_first')"), "8x12x9");
    assert.equal(sizesOf("tf.image.resize(i, (16, 12), data_format=other)"), undefined);
    assert.deepEqual(
      normsOf(
        "import elsewhere\ni = Input((8, 6, 3))\nx = tf.image.resize(i, elsewhere.size())\nmodel = Model(i, layers.BatchNormalization()(x))\n",
      ),
      ["batch_normalization 3"],
    );
  });
  it("takes the value of a size as in TensorFlow 1, and what stood beside Keras as Keras", () => {
    const graph = wholeGraph(python`
      from keras_applications.imagenet_utils import _obtain_input_shape
      from six.moves import xrange
      i = Input(_obtain_input_shape(None, default_size=32, min_size=8, data_format="channels_last", require_flatten=True))
      x = i
      for n in xrange(2):
          x = layers.Conv2D(2 * x.shape[-1].value, 1)(x)
      model = Model(i, x)
    `);
    assert.deepEqual(rows(graph), ["conv2d 32x32x6 24", "conv2d_1 32x32x12 84"]);
  });
});
