import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import { scriptFindings } from "../../../engine/findings/script/scriptFindings";
import { parsePython } from "../../../engine/python/parse";

const HEAD = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n";
const NET = "net = keras.Sequential([layers.Dense(4), layers.BatchNormalization()])\n";
const RULE = "keras-call-without-training";

/** The lines that the rule points at, in either of its two places. */
function called(text: string): string[] {
  const found = [...lintSource("loop.py", text).findings, ...scriptFindings(parsePython("loop.py", text), null)].filter(
    ({ rule }) => rule === RULE,
  );
  return [...new Set(found.map(({ range }) => text.split("\n")[range.startLine - 1]!.trim()))];
}

describe("a pass in a function that a GradientTape calls", () => {
  const helper = (loss: string, call: string, weights = "net.trainable_variables"): string =>
    `${HEAD}${NET}opt = keras.optimizers.Adam()\n${loss}\ndef step(x, y):\n    with tf.GradientTape() as tape:\n` +
    `        value = ${call}\n    opt.apply_gradients(zip(tape.gradient(value, ${weights}), ${weights}))\n`;

  it("is in inference mode where it does not say training=True", () => {
    assert.deepEqual(called(helper("def loss_of(x, y):\n    return mse(y, net(x))", "loss_of(x, y)")), [
      "return mse(y, net(x))",
    ]);
    const given = "def loss_of(model, x, y):\n    out = model(x)\n    return mse(y, out)";
    assert.deepEqual(called(helper(given, "loss_of(net, x, y)")), ["out = model(x)"]);
    const deeper = "def ask(m, x):\n    return m(x)\ndef loss_of(x, y):\n    return mse(y, ask(net, x))";
    assert.deepEqual(called(helper(deeper, "loss_of(x, y)")), ["return m(x)"]);
  });
  it("is in inference mode where its gradients are applied by who asked for them", () => {
    const text = `${HEAD}${NET}def grad(model, x, y):
    with tf.GradientTape() as tape:
        value = mse(y, model(x))
    return tape.gradient(value, model.trainable_weights)
opt.apply_gradients(zip(grad(net, a, b), net.trainable_weights))
`;
    assert.deepEqual(called(text), ["value = mse(y, model(x))"]);
    assert.deepEqual(called(text.replace("opt.apply_gradients", "show")), []);
  });
  it("is not reported where it says the mode, or asks a network that is not trained", () => {
    const said = "def loss_of(x, y, training):\n    return mse(y, net(x, training=training))";
    assert.deepEqual(called(helper(said, "loss_of(x, y, True)")), []);
    const asked = `other = keras.Sequential([layers.Dense(2)])\ndef loss_of(x, y):\n    return mse(net(y), net(x))`;
    assert.deepEqual(called(helper(asked, "loss_of(other(x), y)", "other.trainable_variables")), []);
  });
});

describe("a train_step of a class that is given its graph", () => {
  const step = (call: string, layer = "layers.BatchNormalization()(x)"): string => `${HEAD}
class Own(keras.Model):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compiled_loss(y, ${call})
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
    def test_step(self, data):
        return self(data, training=False)
def build(n):
    i = keras.Input((n,))
    x = layers.Dense(4)(i)
    x = ${layer}
    return Own(i, x)
`;
  it("is in inference mode where the graph has BN", () => {
    assert.deepEqual(called(step("self(x)")), ["loss = self.compiled_loss(y, self(x))"]);
    assert.deepEqual(called(step("self(x)").replace("Own(i, x)", "Own(inputs=i, outputs=x)")), [
      "loss = self.compiled_loss(y, self(x))",
    ]);
  });
  it("is not reported where it says training=True, or without BN", () => {
    assert.deepEqual(called(step("self(x, training=True)")), []);
    assert.deepEqual(called(step("self(x)", "layers.LayerNormalization()(x)")), []);
    assert.deepEqual(called(`${step("self(x)")}plain = Own(a, b)\n`), []);
  });
});

describe("a model around a pretrained base", () => {
  const around = (more: string): string => `${HEAD}
base = keras.applications.ResNet50(include_top=False)
${more}
net = keras.Sequential([base, layers.Dense(3)])
opt = keras.optimizers.Adam()
for x, y in data:
    with tf.GradientTape() as tape:
        loss = f(y, net(x))
    opt.apply_gradients(zip(tape.gradient(loss, net.trainable_weights), net.trainable_weights))
`;
  it("is in inference mode in a loop that does not say training=True", () => {
    assert.deepEqual(called(around("")), ["loss = f(y, net(x))"]);
    assert.deepEqual(called(around("base.trainable = False\nbase.trainable = True")), ["loss = f(y, net(x))"]);
  });
  it("is not reported where the base stays frozen", () => {
    assert.deepEqual(called(around("base.trainable = False")), []);
    assert.deepEqual(called(around("for layer in base.layers:\n    layer.trainable = False")), []);
  });
});

describe("training=False in a model that another file fits", () => {
  const BUILD = `import keras
from keras import layers
def build(n):
    base = keras.Sequential([layers.Dense(4), layers.BatchNormalization()])
    i = keras.Input((n,))
    x = base(i, training=False)
    return keras.Model(i, layers.Dense(1)(x))
`;
  const held = (text: string, caller: string): number =>
    scriptFindings(parsePython("build.py", text), null, () => [{ path: "main.py", text: caller }]).filter(
      ({ rule }) => rule === "held-but-updating",
    ).length;

  it("holds nothing", () => {
    assert.equal(held(BUILD, "from build import build\nm = build(3)\nm.fit(x, y)\n"), 1);
  });
  it("is not reported where nobody fits it, where the base is frozen, or has no BN", () => {
    assert.equal(held(BUILD, "from build import build\nm = build(3)\nm.predict(x)\n"), 0);
    assert.equal(held(BUILD, "m = build(3)\nm.layers[1].trainable = False\nm.fit(x, y)\n"), 0);
    assert.equal(held(BUILD.replace("    i = ", "    base.trainable = False\n    i = "), "build(3).fit(x, y)\n"), 0);
    const plain = BUILD.replace("BatchNormalization()", "ReLU()").replace("Dense(1)(x)", "BatchNormalization()(x)");
    assert.equal(held(plain, "build(3).fit(x, y)\n"), 0);
  });
});
