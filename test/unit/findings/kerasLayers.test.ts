import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";

const HEAD = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n";

/** The lines that a rule points at. */
const found = (rule: string, text: string): string[] =>
  lintSource("net.py", HEAD + text)
    .findings.filter((finding) => finding.rule === rule)
    .map(({ range }) => (HEAD + text).split("\n")[range.startLine - 1]!.trim());

describe("a BN layer of a Keras class that nothing names again", () => {
  const block = (call: string, base = "layers.Layer"): string => `
class Block(${base}):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(4, 3)
        self.norm = layers.BatchNormalization()
    def call(self, x, training=None):
        ${call}
`;
  const NORM = "self.norm = layers.BatchNormalization()";
  it("is unused, in a layer and in a model", () => {
    assert.deepEqual(found("norm-unused", block("return self.conv(x)")), [NORM]);
    assert.deepEqual(found("norm-unused", block("return self.conv(x)", "keras.Model")), [NORM]);
    assert.deepEqual(
      found("norm-unused", block("return self.conv(x)").replaceAll("__init__(self)", "build(self, s)")),
      [NORM],
    );
  });
  it("is not reported where anything may reach it", () => {
    for (const call of [
      "return self.norm(self.conv(x))",
      "return self.conv(x) if x is None else self.norm(x)",
      "return getattr(self, 'norm')(x)",
      "for part in self.parts: x = part(x)",
    ]) {
      const more = call.includes("parts")
        ? "class Other(Block):\n    def call(self, x):\n        return self.norm(x)\n"
        : "";
      assert.deepEqual(found("norm-unused", block(call) + more), []);
    }
    assert.deepEqual(found("norm-unused", block("return x", "dict")), []);
    assert.deepEqual(found("norm-unused", block("return x").replace("def call", "def run")), []);
  });
});

describe("a teacher in a Keras training step", () => {
  const step = (call: string, more = ""): string => `
teacher = keras.Sequential([layers.Dense(4), layers.BatchNormalization()])
student = keras.Sequential([layers.Dense(4)])
${more}
def step(x):
    with tf.GradientTape() as tape:
        loss = f(student(x, training=True), ${call})
    grads = tape.gradient(loss, student.trainable_variables)
    opt.apply_gradients(zip(grads, student.trainable_variables))
`;
  const FOUND = ["loss = f(student(x, training=True), teacher(x, training=True))"];
  it("is information with training=True", () => {
    assert.deepEqual(found("teacher-in-train-mode", step("teacher(x, training=True)")), FOUND);
    const target = step("teacher(x, training=True)").replaceAll("teacher", "target_critic");
    assert.equal(found("teacher-in-train-mode", target).length, 1);
  });
  it("is not reported in inference mode, without BN, or where it is trained itself", () => {
    assert.deepEqual(found("teacher-in-train-mode", step("teacher(x, training=False)")), []);
    assert.deepEqual(found("teacher-in-train-mode", step("teacher(x)")), []);
    assert.deepEqual(found("teacher-in-train-mode", step("teacher(x, training=True)", "teacher.fit(a, b)")), []);
    const plain = step("teacher(x, training=True)").replace("layers.BatchNormalization()", "layers.ReLU()");
    assert.deepEqual(found("teacher-in-train-mode", plain), []);
  });
});

describe("a Keras BN layer that evaluation does not reach", () => {
  const RULE = "no-track-running-stats";
  const graph = (norm: string): string => `def unit(x):\n    x = layers.Dense(4)(x)\n    x = ${norm}\n    return x\n`;
  const own = (call: string): string => `class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.bn = layers.BatchNormalization()
    def call(self, x, training=None):
        ${call}
`;
  it("is found where training=True is written at the layer", () => {
    assert.deepEqual(found(RULE, graph("layers.BatchNormalization()(x, training=True)")), [
      "x = layers.BatchNormalization()(x, training=True)",
    ]);
    assert.deepEqual(found(RULE, own("return self.bn(x, training=True)")), ["return self.bn(x, training=True)"]);
    const named = "bn = layers.BatchNormalization()\n    x = bn(x, training=True)";
    assert.deepEqual(found(RULE, graph(named).replace("x = bn = ", "bn = ")), ["x = bn(x, training=True)"]);
  });
  it("is found where a function of the file makes it, and where the mode is 1", () => {
    const norm = (made: string): string => `def norm():\n    return ${made}\n`;
    const use = graph("norm()(x, training=1)");
    assert.deepEqual(found(RULE, norm("layers.BatchNormalization(momentum=0.9)") + use), ["x = norm()(x, training=1)"]);
    assert.deepEqual(found(RULE, norm("layers.LayerNormalization()") + use), []);
    assert.deepEqual(found(RULE, norm("layers.BatchNormalization()") + use.replace("=1", "=0")), []);
  });
  it("is information in a graph, where Keras 3 overrides it", () => {
    const severity = (text: string): unknown =>
      lintSource("net.py", HEAD + text).findings.find(({ rule }) => rule === RULE)?.severity;
    assert.equal(severity(graph("layers.BatchNormalization()(x, training=True)")), "information");
    assert.equal(severity(own("return self.bn(x, training=True)")), "warning");
  });
  it("is information in a pretrained base that a graph calls so", () => {
    const base = (call: string, more = ""): string =>
      `base = keras.applications.ResNet50(include_top=False)\n${more}inputs = keras.Input((64, 64, 3))\n` +
      `x = layers.Rescaling(2)(inputs)\nx = ${call}\nmodel = keras.Model(inputs, layers.Dense(2)(x))\n`;
    assert.deepEqual(found(RULE, base("base(x, training=True)")), ["x = base(x, training=True)"]);
    assert.deepEqual(found(RULE, base("base(x, training=True)", "base.trainable = True\n")).length, 1);
    assert.deepEqual(found(RULE, base("base(x, training=True)", "base.trainable = False\n")), []);
    assert.deepEqual(found(RULE, base("base(x, training=True)", "base.trainable = flag\n")), []);
    assert.deepEqual(found(RULE, base("base(x, training=False)")), []);
    assert.deepEqual(found(RULE, base("base(images, training=True)")), []);
    assert.deepEqual(found(RULE, base("base(x, training=True)").replace("ResNet50", "VGG16")), []);
  });
  it("is found in Keras 1 by its mode, which shares no averages", () => {
    const old = "from keras.layers.normalization import BatchNormalization\n";
    assert.deepEqual(found(RULE, `${old}${graph("BatchNormalization(mode=2)(x)")}`), [
      "x = BatchNormalization(mode=2)(x)",
    ]);
    assert.deepEqual(found(RULE, `${old}${graph("BatchNormalization(mode=0)(x)")}`), []);
    assert.deepEqual(found(RULE, `${old}${graph("BatchNormalization(mode=1)(x)")}`), []);
  });
  it("is information where a generator may be sampled so on purpose", () => {
    const text = HEAD + graph("layers.BatchNormalization()(x, training=True)").replace("unit", "make_generator");
    const [finding] = lintSource("net.py", text).findings.filter(({ rule }) => rule === RULE);
    assert.equal(finding?.severity, "information");
  });
  it("is not reported where the mode is passed on, or asked for before", () => {
    for (const call of [
      "return self.bn(x, training=training)",
      "return self.bn(x)",
      "if training:\n            return self.bn(x, training=True)\n        return self.bn(x, training=False)",
    ])
      assert.deepEqual(found(RULE, own(call)), []);
    assert.deepEqual(found(RULE, graph("layers.Dropout(0.5)(x, training=True)")), []);
    assert.deepEqual(found(RULE, graph("net(x, training=True)")), []);
  });
});

describe("a BN layer in a branch of a graph that nothing uses", () => {
  const build = (...lines: readonly string[]): string =>
    `def build(inputs):\n${["a = layers.Dense(8)(inputs)", ...lines, "return keras.Model(inputs, b)"].map((line) => `    ${line}\n`).join("")}`;
  const NORM = "b = layers.BatchNormalization()(a)";
  const AGAIN = "b = layers.Dense(8)(a)";
  it("is in no model where the name gets another value", () => {
    assert.deepEqual(found("norm-unused", build(NORM, AGAIN)), [NORM]);
    assert.deepEqual(found("norm-unused", build(NORM, "b = layers.ReLU()(b)", AGAIN)), [NORM]);
    assert.deepEqual(found("norm-unused", build(NORM, "c = layers.ReLU()(b)", AGAIN, "c = layers.ReLU()(b)")), [NORM]);
  });
  it("is used where anything else reads it before", () => {
    assert.deepEqual(found("norm-unused", build(NORM)), []);
    assert.deepEqual(found("norm-unused", build(NORM, "c = layers.ReLU()(b)", AGAIN)), []);
    assert.deepEqual(found("norm-unused", build(NORM, "parts.append(b)", AGAIN)), []);
    assert.deepEqual(found("norm-unused", build(NORM, "b = layers.Add()([a, b])")), []);
    assert.deepEqual(found("norm-unused", build(NORM, "b = tf.nn.relu(b)")), []);
    assert.deepEqual(found("norm-unused", build(NORM, "if wide: b = layers.Dense(8)(a)")), []);
    assert.deepEqual(found("norm-unused", build(NORM.replace("BatchNormalization", "Dense"), AGAIN)), []);
  });
});

describe("a Keras BN layer after dropout", () => {
  const ENCODER = "Sequential([layers.Dropout(0.5), layers.Dense(4, use_bias=False), layers.BatchNormalization()])";
  const tape = (call: string): string => `
        with tf.GradientTape() as tape:
            loss = ${call}
        weights = self.head.trainable_variables
        self.opt.apply_gradients(zip(tape.gradient(loss, weights), weights))
`;
  const trainer = (method: string): string => `
class Trainer:
    def __init__(self):
        self.encoder = keras.${ENCODER}
        self.head = keras.Sequential([self.encoder, layers.Dense(2)])
    def step(self, x):${tape("self.head(x, training=True)")}${method}`;
  const asked = "    def features(self, x):\n        return self.encoder(x, training=False)\n";
  it("is found in a plain class that asks its encoder for features elsewhere", () => {
    assert.deepEqual(found("dropout-before-norm", trainer(asked)), [`self.encoder = keras.${ENCODER}`]);
  });
  it("is not reported where a training step holds it", () => {
    const held = `    def tune(self, x):${tape("self.encoder(x, training=False)")}`;
    assert.deepEqual(found("dropout-before-norm", trainer(asked + held)), []);
  });
  it("is found behind a layer that this version of a base does not have", () => {
    const text = (dropout: string): string => `
def build(classes):
    base = keras.applications.ResNet50(include_top=False, pooling="avg", input_shape=(64, 64, 3))
    skip = layers.Conv2DTranspose(4, 2)(base.get_layer("activation_49").output)
    x = ${dropout}(base.output)
    x = layers.BatchNormalization()(layers.Dense(classes, use_bias=False)(x))
    return keras.Model(base.input, [layers.Activation("softmax")(x), layers.Activation("softmax")(skip)])
`;
    assert.deepEqual(found("dropout-before-norm", text("layers.Dropout(0.8)")), [
      "x = layers.Dropout(0.8)(base.output)",
    ]);
    assert.deepEqual(found("dropout-before-norm", text("layers.ReLU()")), []);
  });
});

describe("a Keras BN layer on the logits", () => {
  const model = (last: string): string => `
def classifier(classes):
    i = keras.Input((8,))
    x = layers.BatchNormalization()(layers.Dense(classes, use_bias=False)(i))
    return keras.Model(i, ${last})
`;
  const NORM = ["x = layers.BatchNormalization()(layers.Dense(classes, use_bias=False)(i))"];
  it("is the last operation before a softmax, however many classes there are", () => {
    assert.deepEqual(found("norm-on-output", model('layers.Activation("softmax")(x)')), NORM);
    assert.deepEqual(found("norm-on-output", model("layers.Softmax()(x)")), NORM);
    assert.deepEqual(found("norm-on-output", model("layers.Activation(tf.nn.softmax)(x)")), NORM);
  });
  it("is not reported before anything else, or where a layer with weights follows", () => {
    assert.deepEqual(found("norm-on-output", model('layers.Activation("relu")(x)')), []);
    assert.deepEqual(found("norm-on-output", model('layers.Dense(4, activation="softmax")(x)')), []);
    assert.deepEqual(found("norm-on-output", model("x")), []);
  });
});

describe("a Keras BN layer with a momentum of 1", () => {
  const text = (momentum: string, after = ""): string =>
    `model = keras.Sequential([layers.Dense(4, use_bias=False),\n    layers.BatchNormalization(momentum=${momentum})])\n` +
    after;
  const severity = (code: string): unknown =>
    lintSource("net.py", HEAD + code).findings.find(({ rule }) => rule === "momentum-inverted")?.severity;
  it("never moves, which is a warning where the file trains and loads nothing", () => {
    assert.equal(severity(text("1.0")), "information");
    assert.equal(severity(text("1", "model.fit(x, y)\n")), "warning");
    assert.equal(severity(text("1", 'model.load_weights("w")\nmodel.fit(x, y)\n')), "information");
    assert.equal(severity(text("0.999", "model.fit(x, y)\n")), undefined);
  });
});
