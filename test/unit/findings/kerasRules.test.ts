import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import type { SourceFinding } from "../../../engine/findings/sourceFinding";
import { python } from "../support/python";

const IMPORTS = python`
    import keras
    from keras import layers, Input, Model, Sequential, backend as K
    from keras.applications import ResNet50, VGG16
  `;
const OFFSET = 3;

function findings(text: string): readonly SourceFinding[] {
  return lintSource("model.py", IMPORTS + text).findings;
}

const rulesAt = (text: string): string[] =>
  findings(text).map(({ rule, range }) => `${rule} ${range.startLine - OFFSET}`);

function only(rule: string, text: string): SourceFinding {
  const found = findings(text).filter((finding) => finding.rule === rule);
  assert.equal(found.length, 1, JSON.stringify(rulesAt(text)));
  return found[0]!;
}

const sequential = (...lines: readonly string[]): string => python`
  model = Sequential([
      ${lines.join(",\n    ")},
  ])
`;
const IMAGE = "Input((32, 32, 3))";
const CONV = "layers.Conv2D(8, 3, use_bias=False)";
const TAIL = "layers.ReLU()";

describe("The rules on Keras models", () => {
  it("say that a bias before BN has no effect, and pass use_bias=False", () => {
    const finding = only(
      "bias-before-norm",
      sequential(IMAGE, "layers.Conv2D(8, 3)", "layers.BatchNormalization()", TAIL),
    );
    assert.match(finding.next, /use_bias=False/);
    assert.equal(finding.fix?.edits[0]?.newText, ", use_bias=False");
    assert.deepEqual(rulesAt(sequential("Input((4,))", "layers.Dense(8)", "layers.BatchNormalization()", TAIL)), [
      "bias-before-norm 3",
    ]);
  });
  it("know Keras by the other names of its package", () => {
    const text = sequential(IMAGE, "layers.Conv2D(8, 3)", "layers.BatchNormalization()", TAIL);
    for (const name of ["tf_keras", "keras_core"]) {
      const file = (IMPORTS + text)
        .replaceAll("import keras\n", `import ${name} as keras\n`)
        .replaceAll("from keras", `from ${name}`);
      assert.deepEqual(
        lintSource("model.py", file).findings.map(({ rule }) => rule),
        ["bias-before-norm"],
        name,
      );
    }
  });
  it("keep silent about a bias that counts", () => {
    for (const layer of [
      "layers.Conv2D(8, 3, activation='relu')",
      "layers.Conv2D(8, 3, use_bias=False)",
      "layers.Conv2D(8, 3, data_format='channels_first')",
    ]) {
      assert.deepEqual(
        rulesAt(sequential(IMAGE, layer, "layers.BatchNormalization()", TAIL)).filter((rule) =>
          rule.startsWith("bias"),
        ),
        [],
        layer,
      );
    }
    assert.deepEqual(
      rulesAt(
        python`
          i = ${IMAGE}
          x = layers.Conv2D(8, 3)(i)
          y = layers.BatchNormalization()(x)
          model = Model(i, layers.ReLU()(layers.add([x, y])))
        `,
      ),
      [],
    );
    assert.deepEqual(
      rulesAt(`${sequential(IMAGE, "layers.Conv2D(8, 3)", "layers.BatchNormalization(trainable=False)", TAIL)}`),
      [],
    );
  });
  it("see a bias where what comes later is not followed", () => {
    const text = (after: string): string =>
      `${python`
      import other
      class Wide(layers.Layer):
          def __init__(self):
              super().__init__()
              self.inner = Sequential([layers.Conv2D(8, 3), layers.Conv2D(8, 1)])
          def call(self, x):
              return self.inner(x)
      i = ${IMAGE}
      x = Wide()(i)
      y = layers.BatchNormalization()(x)
    `}${after}\nmodel = Model(i, layers.Dense(3)(y))\n`;
    assert.deepEqual(rulesAt(text("y = other.rearrange(y)")), ["bias-before-norm 5"]);
    assert.deepEqual(rulesAt(text("import einops\ny = einops.rearrange(y, 'b (h n) w c -> b h n w c', n=y.shape)")), [
      "bias-before-norm 5",
    ]);
    assert.deepEqual(rulesAt(text("y = other.join(y, x)")), []);
    assert.deepEqual(rulesAt(text("y = other.join([y, {'skip': x}])")), []);
    assert.deepEqual(rulesAt(text("z = other.of(x)\nfor _ in z.shape:\n    y = layers.add([y, z])")), []);
  });
  it("are about every model that the file makes, also where another has its name later", () => {
    const model = sequential(IMAGE, "layers.Conv2D(8, 3)", "layers.BatchNormalization()", TAIL);
    const other = "model = Sequential([Input((4,)), layers.Dense(3)])\n";
    assert.deepEqual(rulesAt(`${model}model.fit(x, y)\n${other}`), ["bias-before-norm 3"]);
    const called = `def train(model):\n    model.fit(x)\ntrain(${model.slice(8).trimEnd()})\n`;
    assert.deepEqual(rulesAt(`${called}${other}`), ["bias-before-norm 5"]);
    const parts = `inner = ${model.slice(8)}for n in (1, 2):\n    model = Sequential([Input((32, 32, 3)), inner, layers.Dense(n)])\n`;
    assert.deepEqual(rulesAt(parts), ["bias-before-norm 3"]);
  });
  it("follow a Reshape to sizes that nobody gave", () => {
    const text = `from keras import layers, Model
class Player:
    def __init__(self, rows, columns, width):
        seen = layers.Input(shape=(rows, columns))
        x = layers.Reshape((rows, columns, 1))(seen)
        x = layers.BatchNormalization()(layers.Conv2D(width, 3)(x))
        self.model = Model(seen, layers.Dense(1)(layers.Flatten()(layers.ReLU()(x))))
`;
    assert.deepEqual(rulesAt(text), ["bias-before-norm 6"]);
    assert.deepEqual(rulesAt(text.replace("width, 3", "width, 3, use_bias=False")), []);
  });
  it("finds PyTorch's momentum in a block whose model can't be followed", () => {
    const block = (momentum: string): string => `from keras.layers import BatchNormalization, Conv2D
KEEP = 0.2
def block(x, width):
    x = mystery.Conv2D(width, unheard_of=3)(x)
    return BatchNormalization(axis=-1, ${momentum})(x)
`;
    assert.deepEqual(rulesAt(block("momentum=0.1")), ["momentum-inverted 5"]);
    const unread = sequential(
      IMAGE,
      "layers.Conv2D(8, 3, W_regularizer=None)",
      "layers.BatchNormalization(momentum=0.1)",
    );
    assert.ok(only("momentum-inverted", unread));
    assert.deepEqual(rulesAt(block("momentum=KEEP")), ["momentum-inverted 5"]);
    assert.deepEqual(rulesAt(block("momentum=0.9")), []);
    assert.deepEqual(rulesAt(block("momentum=width")), []);
    assert.deepEqual(rulesAt(`${block("momentum=0.1")}for layer in model.layers:\n    layer.momentum = 0.9\n`), []);
  });
  it("find a momentum that is PyTorch's", () => {
    const finding = only("momentum-inverted", sequential(IMAGE, CONV, "layers.BatchNormalization(momentum=0.1)", TAIL));
    assert.match(finding.evidence, /replaces 90 %/);
    assert.equal(finding.fix?.edits[0]?.newText, "0.9");
    for (const momentum of ["0.99", "0.8", "0.5"])
      assert.deepEqual(rulesAt(sequential(IMAGE, CONV, `layers.BatchNormalization(momentum=${momentum})`, TAIL)), []);
  });
  it("find an epsilon that is a momentum", () => {
    const finding = only(
      "eps-looks-like-momentum",
      sequential(IMAGE, CONV, "layers.BatchNormalization(epsilon=0.9)", TAIL),
    );
    assert.match(finding.next, /momentum=0\.9/);
    assert.deepEqual(rulesAt(sequential(IMAGE, CONV, "layers.BatchNormalization(epsilon=1e-3)", TAIL)), []);
  });
  it("find dropout before BN", () => {
    assert.deepEqual(
      rulesAt(
        sequential(
          IMAGE,
          "layers.Conv2D(8, 3, activation='relu')",
          "layers.Dropout(0.5)",
          "layers.BatchNormalization()",
          TAIL,
        ),
      ),
      ["dropout-before-norm 4"],
    );
  });
  it("find dropout before BN where nobody gives its rate", () => {
    const text = python`
      class Net:
          def __init__(self, args):
              i = Input((8,))
              x = layers.BatchNormalization()(layers.Dense(8, use_bias=False)(layers.Dropout(args.dropout)(i)))
              self.model = Model(i, layers.Dense(2)(layers.ReLU()(x)))
    `;
    assert.deepEqual(rulesAt(text), ["dropout-before-norm 4"]);
    const usual = text.replace("args)", "args, rate=0.0)").replace("args.dropout", "rate").replace("(8,)", "(args.n,)");
    assert.deepEqual(rulesAt(usual), []);
  });
  it("follow a Dense layer whose input is of unknown size", () => {
    const text = python`
      base = keras.applications.NASNetMobile(include_top=False)
      x = layers.Dropout(0.5)(layers.GlobalAveragePooling2D()(base.output))
      x = layers.BatchNormalization()(layers.Dense(8)(x))
      model = Model(base.input, layers.Dense(2)(layers.ReLU()(x)))
    `;
    assert.deepEqual(rulesAt(text), ["dropout-before-norm 2", "bias-before-norm 3"]);
  });
  it("know the rate of dropout that an argument gives", () => {
    const block = (rate: string): string => python`
      def block(x, drop=0.0):
          x = layers.BatchNormalization()(layers.Dropout(drop)(x))
          return layers.ReLU()(x)
      i = ${IMAGE}
      model = Model(i, block(i, drop=${rate}))
    `;
    for (const rate of ["0.0", "0", "1e-4"]) assert.deepEqual(rulesAt(block(rate)), [], rate);
    assert.match(only("dropout-before-norm", block("0.5")).evidence, /rate of 0\.5/);
    assert.match(
      only("dropout-before-norm", block("0.25").replace("Dropout", "SpatialDropout2D")).evidence,
      /of 0\.25/,
    );
  });
  it("find dropout before BN through a layer with an activation of its own", () => {
    for (const layer of ["layers.Conv2D(8, 3, activation='relu')", "layers.SeparableConv2D(8, 3, activation='relu')"]) {
      const text = sequential(IMAGE, "layers.Dropout(0.5)", layer, "layers.BatchNormalization()", TAIL);
      assert.match(only("dropout-before-norm", text).evidence, /passes that on through its activation\.$/, layer);
    }
  });
  it("find dropout before BN over paddings, and beside other channels", () => {
    const rest = ["layers.ZeroPadding2D(1)", "layers.BatchNormalization()", TAIL];
    assert.deepEqual(rulesAt(sequential(IMAGE, "layers.Dropout(0.5)", CONV, ...rest)), ["dropout-before-norm 3"]);
    const joined = (after: string): string => python`
      i = ${IMAGE}
      x = layers.Dropout(0.5)(layers.Conv2D(8, 3)(i))
      x = layers.concatenate([x, layers.Conv2D(8, 3)(i)])
      x = layers.BatchNormalization()(${after})
      model = Model(i, layers.ReLU()(x))
    `;
    const finding = only("dropout-before-norm", joined("x"));
    assert.equal(finding.range.startLine - OFFSET, 2);
    assert.match(finding.evidence, /the variance of these channels after a ReLU/);
    const mixed = only("dropout-before-norm", joined("layers.Conv2D(8, 3, use_bias=False)(layers.ReLU()(x))"));
    assert.match(mixed.evidence, /conv2d_2 adds them to others/);
    assert.deepEqual(rulesAt(joined("layers.Conv2D(8, 3, activation='relu')(x)")), []);
  });
  it("count one value per channel in models whose arguments nobody gives, where a pooling makes it one", () => {
    const aspp = (keepdims: string): string => python`
      def aspp(x, width):
          x = layers.GlobalAveragePooling2D(keepdims=${keepdims})(x)
          x = layers.Conv2D(width, 1, use_bias=False)(x)
          return layers.ReLU()(layers.BatchNormalization()(x))
      class Net(Model):
          def __init__(self, classes, width):
              i = Input((width, width, 3))
              x = layers.Conv2D(8, 3, use_bias=False)(i)
              x = layers.ReLU()(layers.BatchNormalization()(x))
              super().__init__(inputs=i, outputs=layers.Conv2D(classes, 1)(aspp(x, width)))
    `;
    assert.deepEqual(rulesAt(aspp("True")), ["single-value-per-channel 4"]);
    assert.deepEqual(rulesAt(aspp("False")), []);
  });
  it("count one value per channel where fit() takes one sample at a time", () => {
    const mlp = sequential("Input((12,))", "layers.Dense(4, use_bias=False)", "layers.BatchNormalization()", TAIL);
    assert.ok(only("single-value-per-channel", `${mlp}model.fit(x, y, batch_size=1)\n`));
    assert.ok(only("single-value-per-channel", `${mlp}model.fit(x, y, 1, 20)\n`));
    assert.deepEqual(rulesAt(`${mlp}model.fit(x, y, batch_size=16)\nmodel.evaluate(x, y, batch_size=1)\n`), []);
    const conv = sequential(IMAGE, CONV, "layers.BatchNormalization()", TAIL);
    assert.deepEqual(rulesAt(`${conv}model.fit(x, y, batch_size=1)\n`), []);
  });
  it("count one value per channel by the axis of the features", () => {
    assert.deepEqual(
      rulesAt(sequential(IMAGE, "layers.GlobalAveragePooling2D(keepdims=True)", "layers.BatchNormalization()", TAIL)),
      ["single-value-per-channel 4"],
    );
    assert.deepEqual(rulesAt(sequential("Input((32, 1, 1))", "layers.BatchNormalization()", TAIL)), []);
  });
});

describe("A Keras file that freezes something", () => {
  const shifted = sequential(IMAGE, "layers.Dropout(0.5)", CONV, "layers.BatchNormalization()", TAIL);
  const isQuiet = (text: string): boolean => !rulesAt(text).some((rule) => rule.startsWith("dropout-before-norm"));

  it("says nothing of batch statistics where its own BN layers may be frozen", () => {
    for (const freezing of [
      "model.trainable = False",
      "for layer in model.layers[:3]:\n    layer.trainable = False",
      "model.layers[2].trainable = False",
      "y = model(x, training=False)",
      "def body(i):\n    return layers.BatchNormalization(trainable=False)(i)",
      "def build():\n    return helper()\ndef helper():\n    return layers.BatchNormalization()\n" +
        "net = build()\nnet.trainable = False",
      "def tune(net):\n    net.trainable = False\n    net.compile()",
    ])
      assert.ok(isQuiet(`${shifted}${freezing}\n`), freezing);
  });
  it("says what it finds where a teacher is asked", () => {
    const distiller =
      "class Distiller(Model):\n    def train_step(self, data):\n        t = self.teacher(data, training=False)\n";
    assert.ok(!isQuiet(shifted + distiller));
    assert.ok(isQuiet(shifted + distiller.replace("self.teacher", "self.body")));
  });
  it("says what it finds where something else is frozen", () => {
    for (const freezing of [
      "base = ResNet50()\nbase.trainable = False",
      "base = ResNet50()\nfor layer in base.layers:\n    layer.trainable = False",
      "base = keras.models.load_model(path) if path else 0\nbase = keras.models.load_model(path)\nface.trainable = 1",
      "base = keras.models.load_model(path)\nbase.trainable = False",
      "def build():\n    return Model(i, layers.Dense(2)(ResNet50(input_tensor=i).output))\n" +
        "face = build()\ndef join(face):\n    face.trainable = False",
      "step = tf.Variable(0, trainable=False)",
      "words = layers.Embedding(9, 4, trainable=False)",
      "self.w = self.add_weight(shape=(3,), trainable=False)",
    ])
      assert.ok(!isQuiet(`${shifted}${freezing}\n`), freezing);
  });
  it("says what it finds where a model is compiled before it is frozen for another, or trained in another call", () => {
    assert.ok(!isQuiet(`${shifted}model.compile()\nmodel.trainable = False\nwhole = Model(i, model(i))\n`));
    assert.ok(!isQuiet(`${shifted}def step(x):\n    return model(x, training=True)\ny = model(x, training=False)\n`));
  });
});

describe("axis-mismatch", () => {
  const model = (conv: string, norm: string, input = "Input((3, 32, 32))"): string =>
    sequential(input, conv, norm, TAIL);
  const FIRST = "layers.Conv2D(8, 3, use_bias=False, data_format='channels_first')";
  it("is found after channels_first with the default axis", () => {
    const finding = only("axis-mismatch", model(FIRST, "layers.BatchNormalization()"));
    assert.match(finding.verdict, /batch_normalization normalizes axis 3, but conv2d puts its channels on axis 1/);
    assert.match(finding.next, /axis=1/);
  });
  it("is found where axis=-1 is written, and fixed", () => {
    const finding = only("axis-mismatch", model(FIRST, "layers.BatchNormalization(axis=-1)"));
    assert.equal(finding.fix?.edits[0]?.newText, "1");
  });
  it("is found for axis=1 after channels_last", () => {
    const written = "layers.Conv2D(8, 3, use_bias=False, data_format='channels_last')";
    assert.equal(
      only("axis-mismatch", model(written, "layers.BatchNormalization(axis=1)", "Input((32, 32, 16))")).fix?.edits[0]
        ?.newText,
      "-1",
    );
    assert.ok(only("axis-mismatch", model(CONV, "layers.BatchNormalization(axis=1)", IMAGE)));
  });
  it("is found over activations and poolings, and with a format set for the file", () => {
    assert.ok(
      only(
        "axis-mismatch",
        sequential(
          "Input((3, 32, 32))",
          FIRST,
          "layers.ReLU()",
          "layers.MaxPooling2D(2, data_format='channels_first')",
          "layers.BatchNormalization()",
        ),
      ),
    );
    assert.ok(
      only("axis-mismatch", `K.set_image_data_format('channels_first')\n${model(CONV, "layers.BatchNormalization()")}`),
    );
  });
  it("is found for an axis between the first and the last, which is wrong in every format", () => {
    const cube = "layers.Conv3D(8, 2, use_bias=False)";
    const finding = only("axis-mismatch", model(cube, "layers.BatchNormalization(axis=3)", "Input((6, 6, 6, 2))"));
    assert.match(finding.verdict, /normalizes axis 3, but conv3d puts its channels on axis 4/);
    assert.match(finding.evidence, /axis 3 has 5 columns of pixels/);
    assert.ok(only("axis-mismatch", model(CONV, "layers.BatchNormalization(axis=2)", "Input((9, 9, 5))")));
    assert.deepEqual(rulesAt(model(cube, "layers.BatchNormalization(axis=4)", "Input((6, 6, 6, 2))")), []);
    assert.deepEqual(rulesAt(model(cube, "layers.BatchNormalization(axis=1)", "Input((6, 6, 6, 2))")), []);
  });
  it("is found over time steps, where their number is no channels", () => {
    const steps = "layers.Conv1D(8, 3, use_bias=False)";
    assert.ok(only("axis-mismatch", model(steps, "layers.BatchNormalization(axis=1)", "Input((500, 12))")));
    assert.deepEqual(rulesAt(model(steps, "layers.BatchNormalization(axis=1)", "Input((12, 500))")), []);
    assert.deepEqual(rulesAt(model(steps, "layers.BatchNormalization()", "Input((500, 12))")), []);
  });
  it("is information after a recurrent layer, where statistics for each step may be meant", () => {
    const lstm = "layers.LSTM(8, return_sequences=True)";
    const finding = only("axis-mismatch", model(lstm, "layers.BatchNormalization(axis=1)", "Input((20, 3))"));
    assert.equal(finding.severity, "information");
    assert.match(finding.verdict, /normalizes axis 1, but lstm puts its features on axis 2/);
    assert.deepEqual(rulesAt(model(lstm, "layers.BatchNormalization()", "Input((20, 3))")), []);
    assert.deepEqual(rulesAt(model("layers.LSTM(8)", "layers.BatchNormalization(axis=1)", "Input((20, 3))")), []);
  });
  it("is not found where the axes agree", () => {
    assert.deepEqual(rulesAt(model(FIRST, "layers.BatchNormalization(axis=1)")), []);
    assert.deepEqual(rulesAt(model(CONV, "layers.BatchNormalization()", IMAGE)), []);
    assert.deepEqual(rulesAt(model(CONV, "layers.BatchNormalization(axis=3)", IMAGE)), []);
  });
  it("is not found where the data format may be another one", () => {
    assert.deepEqual(rulesAt(model(CONV, "layers.BatchNormalization(axis=1)", "Input((3, 32, 32))")), []);
    assert.deepEqual(
      rulesAt(
        `axis = 1 if K.image_data_format() == 'channels_first' else -1\n` +
          `${model(CONV, "layers.BatchNormalization(axis=axis)", IMAGE)}`,
      ),
      [],
    );
  });
  it("is not found after what moves the axes, or without a convolution", () => {
    assert.deepEqual(
      rulesAt(
        sequential("Input((3, 32, 32))", FIRST, "layers.Permute((2, 3, 1))", "layers.BatchNormalization()", TAIL),
      ),
      [],
    );
    assert.deepEqual(
      rulesAt(
        sequential("Input((20, 8))", "layers.Dense(4, use_bias=False)", "layers.BatchNormalization(axis=1)", TAIL),
      ),
      [],
    );
  });
});

describe("keras-frozen-bn", () => {
  const start = (base: string, call: string): string =>
    python`
      base = ${base}
      base.trainable = False
      i = Input((224, 224, 3))
      x = ${call}
      model = Model(i, layers.Dense(2)(x))
      model.compile()
      model.fit(1)
    `;
  const BASE = "ResNet50(include_top=False, pooling='avg')";
  const REST = "base.trainable = True\nmodel.compile()\nmodel.fit(1)\n";
  const at = (text: string): string[] => rulesAt(text).filter((rule) => rule.startsWith("keras-frozen-bn"));
  it("is found where a base is unfrozen that was called without training=False", () => {
    assert.deepEqual(at(start(BASE, "base(i)") + REST), ["keras-frozen-bn 8"]);
    assert.match(only("keras-frozen-bn", start(BASE, "base(i)") + REST).next, /trainable=False/);
  });
  it("is found where the base stands in a Sequential", () => {
    assert.deepEqual(
      at(python`
        base = ${BASE}
        base.trainable = False
        model = Sequential([base, layers.Dense(2)])
        ${REST}`),
      ["keras-frozen-bn 4"],
    );
    assert.deepEqual(
      at(python`
      base = ${BASE}
      base.trainable = False
      model = Sequential()
      model.add(base)
      ${REST}`),
      ["keras-frozen-bn 5"],
    );
  });
  it("is found where the layers were frozen one by one", () => {
    assert.deepEqual(
      at(
        python`
          base = ${BASE}
          for layer in base.layers:
              layer.trainable = False
          i = Input((224, 224, 3))
          model = Model(i, base(i))
          ${REST}`,
      ),
      ["keras-frozen-bn 6"],
    );
  });
  const headed = (thaw: string, base = "ResNet50(include_top=False)"): string =>
    python`
      base = ${base}
      x = layers.GlobalAveragePooling2D()(base.output)
      model = Model(inputs=base.input, outputs=layers.Dense(2)(x))
      for layer in base.layers:
          layer.trainable = False
      model.compile()
      model.fit(1)
      ${thaw}
      model.compile()
      model.fit(1)
    `;
  it("is found where the model goes on from the base's output", () => {
    assert.deepEqual(at(headed("base.trainable = True")), ["keras-frozen-bn 8"]);
    assert.deepEqual(at(headed("model.trainable = True")), ["keras-frozen-bn 8"]);
    for (const slice of ["", "[100:]", "[:100]"])
      assert.deepEqual(at(headed(`for layer in model.layers${slice}:\n    layer.trainable = True`)), [
        "keras-frozen-bn 9",
      ]);
    assert.match(only("keras-frozen-bn", headed("model.trainable = True")).verdict, /^base is unfrozen here/);
  });
  it("is found where the model goes on from a layer of the base", () => {
    for (const output of ["base.layers[-2].output", "base.get_layer('conv4_block6_out').output"]) {
      const cut = (thaw: string): string => headed(thaw).replace("base.output", output);
      assert.deepEqual(at(cut("model.trainable = True")), ["keras-frozen-bn 8"]);
      assert.deepEqual(at(cut("for layer in base.layers[50:]:\n    layer.trainable = True")), ["keras-frozen-bn 9"]);
      assert.deepEqual(at(cut("for layer in model.layers[150:]:\n    layer.trainable = True")), []);
    }
  });
  it("is found where the name was the base's class before", () => {
    const text = headed("base.trainable = True").replace(
      "base = ResNet50(include_top=False)",
      "base = keras.applications.resnet50.ResNet50\nbase = base(weights='imagenet')",
    );
    assert.deepEqual(at(text), ["keras-frozen-bn 9"]);
  });
  it("is not found where the layers that are unfrozen may have no BN of the base", () => {
    for (const slice of ["[-5:]", "[start:]", "[174:]", "[:2]", "[3:5]"])
      assert.deepEqual(at(headed(`for layer in model.layers${slice}:\n    layer.trainable = True`)), [], slice);
    assert.deepEqual(at(headed("for layer in base.layers[-1:]:\n    layer.trainable = True")), []);
    assert.deepEqual(at(headed("other.trainable = True")), []);
    assert.deepEqual(at(headed("model.trainable = True", "VGG16(include_top=False)")), []);
  });
  it("is found where nothing is compiled after a change", () => {
    assert.deepEqual(at(`${start(BASE, "base(i, training=False)")}base.trainable = True\nmodel.fit(2)\n`), [
      "keras-frozen-bn 8",
    ]);
  });
  it("is no more than that where an unfreezing is not compiled", () => {
    const found = findings(
      `${start(BASE, "base(i)")}for layer in base.layers[9:]:\n    layer.trainable = True\nmodel.fit(2)\n`,
    );
    assert.deepEqual(
      found.filter(({ rule }) => rule === "keras-frozen-bn").map(({ verdict }) => verdict.includes("no effect")),
      [true],
    );
  });
  it("is not found where the base is called with training=False", () => {
    assert.deepEqual(at(start(BASE, "base(i, training=False)") + REST), []);
  });
  it("is not found for a base without BN, or without pretrained weights", () => {
    assert.deepEqual(at(start("VGG16(include_top=False, pooling='avg')", "base(i)") + REST), []);
    assert.deepEqual(at(start("ResNet50(weights=None, include_top=False, pooling='avg')", "base(i)") + REST), []);
  });
  it("is not found where BN layers are handled by their class", () => {
    assert.deepEqual(
      at(
        python`
          ${start(BASE, "base(i)")}base.trainable = True
          for l in base.layers:
              if isinstance(l, layers.BatchNormalization):
                  l.trainable = False
          model.compile()
          model.fit(1)
        `,
      ),
      [],
    );
  });
  it("is not found where the base stays frozen, or was never frozen", () => {
    assert.deepEqual(at(start(BASE, "base(i)")), []);
    assert.deepEqual(
      at(python`
      base = ${BASE}
      i = Input((224, 224, 3))
      model = Model(i, base(i))
      ${REST}`),
      [],
    );
  });
  it("is not found where the name may be something else", () => {
    assert.deepEqual(
      at(
        python`
          base = ${BASE}
          base = Sequential([layers.Dense(2)])
          base.trainable = False
          model = Sequential([base])
          ${REST}`,
      ),
      [],
    );
  });
});

describe("a model with BN that is made in the file", () => {
  const at = (rule: string, text: string): string[] => rulesAt(text).filter((found) => found.startsWith(rule));
  const TOWER =
    "tower = Sequential([layers.Dense(8, use_bias=False), layers.BatchNormalization(), layers.ReLU()])\n" +
    "model = Sequential([tower, layers.Dense(2)])\n";

  it("is frozen without effect between compile() and fit()", () => {
    const text = `${TOWER}model.compile("sgd", "mse")\nmodel.fit(a)\ntower.trainable = False\nmodel.fit(b)\n`;
    assert.deepEqual(at("keras-frozen-bn", text), ["keras-frozen-bn 5"]);
    const inside = `${TOWER}def tune():\n    model.compile()\n    tower.trainable = False\n    model.fit(b)\n`;
    assert.deepEqual(at("keras-frozen-bn", inside), ["keras-frozen-bn 5"]);
  });
  it("is frozen with effect where compile() follows, and in another model", () => {
    const compiled = "model.compile()\ntower.trainable = False\nmodel.compile()\nmodel.fit(b)\n";
    assert.deepEqual(at("keras-frozen-bn", TOWER + compiled), []);
    const other = "other = Sequential([layers.Dense(2)])\nother.compile()\ntower.trainable = False\nother.fit(b)\n";
    assert.deepEqual(at("keras-frozen-bn", TOWER + other), []);
  });

  const functional = (call: string, more = ""): string =>
    `${TOWER}i = Input((8,))\nwhole = Model(i, layers.Dense(2)(${call}))\n${more}whole.compile()\nwhole.fit(a)\n`;
  it("is not held by training=False", () => {
    for (const text of [
      functional("tower(i, training=False)"),
      functional("tower(i, training=False)", "tower.trainable = False\nwhole.fit(a)\ntower.trainable = True\n"),
      functional("layers.BatchNormalization()(i, training=False)"),
    ])
      assert.deepEqual(at("held-but-updating", text), ["held-but-updating 4"]);
    const older = lintSource(
      "model.py",
      `from tensorflow import keras\nfrom tensorflow.keras import layers, Input, Model, ` +
        `Sequential\n${functional("tower(i, training=False)")}`,
    ).findings.filter(({ rule }) => rule === "held-but-updating");
    assert.deepEqual(
      older.map(({ severity }) => severity),
      ["information"],
    );
  });
  it("is held by trainable = False, and by training=False in a call() of its own", () => {
    for (const text of [
      functional("tower(i, training=False)", "tower.trainable = False\n"),
      functional("tower(i)"),
      functional(
        "tower(i, training=False)",
        "for l in tower.layers:\n    l.trainable = not isinstance(l, layers.BatchNormalization)\n",
      ),
      "class Own(Model):\n    def __init__(self):\n        super().__init__()\n        self.bn = " +
        "layers.BatchNormalization()\n" +
        "    def call(self, x):\n        return self.bn(x, training=False)\nown = Own()\nown.compile()\nown.fit(a)\n",
    ])
      assert.deepEqual(at("held-but-updating", text), []);
  });

  const loop = (call: string): string =>
    `import tensorflow as tf\n${TOWER}opt = keras.optimizers.Adam()\nfor x, y in data:\n    with ` +
    `tf.GradientTape() as tape:\n` +
    `        loss = f(y, ${call})\n    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))\n`;
  it("is trained in inference mode in a loop that does not say training=True", () => {
    assert.deepEqual(at("keras-call-without-training", loop("model(x)")), ["keras-call-without-training 7"]);
    const step =
      "import tensorflow as tf\nclass Own(Model):\n    def __init__(self):\n        self.bn = " +
      "layers.BatchNormalization()\n" +
      "    def train_step(self, data):\n        with tf.GradientTape() as tape:\n            loss = f(self(data))\n" +
      "        self.optimizer.apply_gradients(g)\n";
    assert.deepEqual(at("keras-call-without-training", step), ["keras-call-without-training 7"]);
    for (const call of ["model(x, training=True)", "model(x, training=False)", "net(x)", "model(x, True)"])
      assert.deepEqual(at("keras-call-without-training", loop(call)), []);
    // BN of another class of the file, and BN in a comment, are none of this model's.
    const plain =
      "class Plain(Model):\n    def __init__(self):\n        self.d = layers.Dense(2)  # BatchNormalization?\n";
    const other = loop("plain(x)").replace("opt = ", `${plain}plain = Plain()\nopt = `);
    assert.deepEqual(at("keras-call-without-training", other), []);
    const saliency = loop("model(x)").replace("opt.apply_gradients", "show");
    assert.deepEqual(at("keras-call-without-training", saliency), []);
  });
});
