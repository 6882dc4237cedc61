import { strict as assert } from "node:assert";
import { scriptFindings } from "../../../engine/findings/script/scriptFindings";
import { parsePython } from "../../../engine/python/parse";
import type { ResolveModule } from "../../../engine/python/resolveModule";
import { python } from "../support/python";

const IMPORTS = python`
  import tensorflow as tf
  from tensorflow import keras
  from tensorflow.keras import layers
`;
const FUNCTION = python`
  def build():
      i = layers.Input((8,))
      x = layers.BatchNormalization()(layers.Dense(8)(i))
      return keras.Model(i, layers.ReLU()(x))
`;
const CLASS = (mode: string): string => python`
  class Net(keras.Model):
      def __init__(self):
          super().__init__()
          self.bn = layers.BatchNormalization()
      def call(self, x, ${mode}):
          return self.bn(x, training=${mode.split("=")[0] ?? ""})
`;
const PLAIN = "def plain():\n    return keras.Sequential([layers.Dense(8), layers.Dropout(0.5)])\n";

function found(text: string, others: Readonly<Record<string, string>> = {}, callers: readonly string[] = []): string[] {
  const resolve: ResolveModule = ({ module }) => {
    const source = others[module];
    return source === undefined ? null : { path: `${module}.py`, text: IMPORTS + source };
  };
  const file = parsePython("main.py", IMPORTS + text);
  return scriptFindings(file, resolve, () =>
    callers.map((caller, index) => ({ path: `caller${index}.py`, text: IMPORTS + caller })),
  )
    .filter(({ rule }) => rule === "missing-eval")
    .map(({ severity, range }) => `${severity} ${file.text.split("\n")[range.startLine - 1]?.trim() ?? ""}`);
}

describe("missing-eval on Keras", () => {
  it("finds training=True in functions that evaluate", () => {
    for (const name of ["test_step", "validate", "evaluate_model", "val_step", "predictBatch", "run_inference"])
      for (const call of ["model(x, training=True)", "model(x, True)", "model(inputs=x, training=True)"])
        assert.deepEqual(
          found(`${FUNCTION}model = build()\n@tf.function\ndef ${name}(x, y):\n    p = ${call}\n    return p - y\n`),
          [`warning p = ${call}`],
          `${name} ${call}`,
        );
  });
  it("finds it in loops over held-out data, and on such data", () => {
    const loop = `${FUNCTION}def main(train_ds, val_ds):\n    net = build()\n    for x, y in val_ds:\n        net(x, training=True)\n`;
    assert.deepEqual(found(loop), ["warning net(x, training=True)"]);
    assert.deepEqual(found(loop.replace("in val_ds", "in train_ds")), []);
    assert.deepEqual(found(`${FUNCTION}net = build()\nnet(x_test, training=True)\n`), [
      "warning net(x_test, training=True)",
    ]);
  });
  it("takes a comment or a text for a reason, and no name in the code", () => {
    const images = (before: string): string =>
      `${FUNCTION}${before}def generate_images(model, z):\n    model(z, training=True)\ngenerate_images(build(), 0)\n`;
    const code = "def up(use_dropout=False):\n    return layers.Dropout(0.5) if use_dropout else None\n";
    assert.deepEqual(found(images(code)), ["information model(z, training=True)"]);
    assert.deepEqual(found(images("# dropout is the noise\n")), []);
    assert.deepEqual(found(images('"""training=True is intentional: the batch statistics are wanted."""\n')), []);
  });
  it("is information where labels are guessed", () => {
    const text = (mode: string): string =>
      `${CLASS(mode)}net = Net()\ndef guess_labels(model, u):\n    return tf.stop_gradient(model(u))\nguess_labels(net, x)\n`;
    assert.deepEqual(found(text("training=True")), ["information return tf.stop_gradient(model(u))"]);
    assert.deepEqual(found(text("training=False")), []);
    assert.deepEqual(found(text("training=True").replaceAll("guess_labels", "loss_of")), []);
  });
  it("follows the layers of a loop to a model that one is given", () => {
    const build = (norm: string): string =>
      `def unit(n):\n    return keras.Sequential([layers.Dense(n), ${norm}])\n` +
      "def build():\n    i = x = layers.Input((8,))\n    for part in [unit(4), unit(8)]:\n        x = part(x)\n" +
      "    return keras.Model(i, x)\n";
    const text = (norm: string): string =>
      `${build(norm)}net = build()\ndef validate(x):\n    return net(x, training=True)\n`;
    assert.deepEqual(found(text("layers.BatchNormalization()")), ["warning return net(x, training=True)"]);
    assert.deepEqual(found(text("layers.ReLU()")), []);
  });
  it("is information where images are generated", () => {
    const text = `${FUNCTION}def generate_images(model, z):\n    model(z, training=True)\ngenerate_images(build(), 0)\n`;
    assert.deepEqual(found(text), ["information model(z, training=True)"]);
    const meant = text.replace("def generate", "# training=True is intentional here.\ndef generate");
    assert.deepEqual(found(meant), []);
  });
  it("finds a call() that trains by default, where nothing says otherwise", () => {
    for (const mode of ["training=True", "is_training=True", "train=True"])
      assert.deepEqual(found(`${CLASS(mode)}net = Net()\ndef evaluate(x):\n    net(x)\n`), ["warning net(x)"], mode);
    assert.deepEqual(
      found(`${CLASS("training=False")}net = Net()\ndef evaluate(x):\n    net(x)\n# training=True\n`),
      [],
    );
    assert.deepEqual(found(`${CLASS("training=True")}net = Net()\ndef evaluate(x):\n    net(x, training=False)\n`), []);
  });
  it("follows models through parameters, attributes and files", () => {
    const step = "def test_step(net, x):\n    net(x, training=True)\n";
    const call = ["warning net(x, training=True)"];
    assert.deepEqual(found(`${FUNCTION}${step}model = build()\ntest_step(model, 0)\n`), call);
    assert.deepEqual(found(`from nets import build\n${step}test_step(net=build(), x=0)\n`, { nets: FUNCTION }), call);
    assert.deepEqual(found(step, {}, [`${FUNCTION}from main import test_step\ntest_step(build(), 0)\n`]), call);
    const trainer =
      "class Trainer:\n    def __init__(self, net):\n        self.net = net\n    def test_step(self, x):\n        self.net(x, training=True)\n";
    const inTrainer = ["warning self.net(x, training=True)"];
    assert.deepEqual(found(`${FUNCTION}${trainer}Trainer(build())\n`), inTrainer);
    assert.deepEqual(
      found(trainer, { nets: FUNCTION }, ["import nets\nimport main\nmain.Trainer(net=nets.build())\n"]),
      inTrainer,
    );
    assert.deepEqual(found(`${CLASS("training=False")}    def test_step(self, x):\n        self(x, training=True)\n`), [
      "warning self(x, training=True)",
    ]);
  });
  it("is silent where the model has no BN or is unknown", () => {
    const step = "def test_step(net, x):\n    net(x, training=True)\n";
    assert.deepEqual(found(`${PLAIN}${step}test_step(plain(), 0)\n`), []);
    assert.deepEqual(found(`${FUNCTION}${step}test_step(load(), 0)\n`), []);
    assert.deepEqual(found(`${FUNCTION}${PLAIN}${step}test_step(build(), 0)\ntest_step(plain(), 0)\n`), []);
    assert.deepEqual(
      found(`${FUNCTION}${PLAIN}a, b = build(), plain()\ndef test_step(x):\n    b(x, training=True)\n`),
      [],
    );
  });
  it("is information where dropout is wanted, which takes BN along", () => {
    const both = "def both():\n    return keras.Sequential([layers.BatchNormalization(), layers.Dropout(0.5)])\n";
    for (const name of ["mc_predict", "monte_carlo", "predict_with_uncertainty"]) {
      const text = `${both}net = both()\ndef ${name}(x):\n    return [net(x, training=True) for _ in range(9)]\n`;
      assert.deepEqual(found(text), ["information return [net(x, training=True) for _ in range(9)]"], name);
      assert.deepEqual(found(text.replace("training=True", "training=False")), []);
    }
    assert.deepEqual(found(`${PLAIN}net = plain()\ndef mc_predict(x):\n    net(x, training=True)\n`), []);
  });
  it("is silent about training and about what wants the batch", () => {
    for (const name of ["train_step", "train_and_test", "test_time_adaptation", "mc_predict", "recalibrate"])
      assert.deepEqual(found(`${FUNCTION}net = build()\ndef ${name}(x):\n    net(x, training=True)\n`), [], name);
    const inTape = `${FUNCTION}net = build()\ndef predict(x):\n    return net(x, training=True)\ndef fit(x):\n    with tf.GradientTape() as tape:\n        loss = predict(x)\n`;
    assert.deepEqual(found(inTape), []);
    assert.deepEqual(found(`${FUNCTION}net = build()\ndef evaluate(x, mode):\n    net(x, training=mode)\n`), []);
  });
});
