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
