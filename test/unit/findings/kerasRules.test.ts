import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import { python } from "../support/python";
import { CONV, IMAGE, IMPORTS, OFFSET, only, rulesAt, sequential, TAIL } from "./kerasText";

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
