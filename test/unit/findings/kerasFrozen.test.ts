import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import { CONV, IMAGE, rulesAt, sequential, TAIL } from "./kerasText";

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
