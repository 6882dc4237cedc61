import { strict as assert } from "node:assert";
import { scriptFindings } from "../../../engine/findings/script/scriptFindings";
import { parsePython } from "../../../engine/python/parse";
import type { ResolveModule } from "../../../engine/python/resolveModule";

const NETWORK = `
from tensorflow import keras
from tensorflow.keras import layers
class Block(layers.Layer):
    def __init__(self):
        self.bn = layers.BatchNormalization()
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.block = Block()
    def call(self, x, training=None):
        return self.block(x)
class Plain(keras.Model):
    def __init__(self):
        self.out = layers.Dense(2)
class Commented(keras.Model):
    def __init__(self):
        # self.bn = layers.BatchNormalization()
        self.out = layers.Dense(2)
class Table(dict):
    norm = layers.BatchNormalization
def build():
    return keras.Sequential([layers.BatchNormalization()])
def helper():
    return layers.BatchNormalization()
`;

const loop = (imports: string, make: string, call = "net(x)"): string => `
import tensorflow as tf
${imports}
def main(data, opt, loss_of):
    net = ${make}
    for x, y in data:
        with tf.GradientTape() as tape:
            loss = loss_of(y, ${call})
        opt.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
`;

function found(text: string, network = NETWORK): string[] {
  const resolve: ResolveModule = ({ module, level }) =>
    module === "network" || (level === 1 && module === "parts.network") ? { path: "network.py", text: network } : null;
  const file = parsePython("main.py", text);
  return scriptFindings(file, resolve).map(({ rule, range }) => `${rule} ${range.startLine}`);
}

describe("a loop with GradientTape whose model is of another file", () => {
  const FOUND = ["keras-call-without-training 8"];
  it("is trained in inference mode where no call says training=True", () => {
    assert.deepEqual(found(loop("from network import Net", "Net()")), FOUND);
    assert.deepEqual(found(loop("from network import Net as Mine", "Mine()")), FOUND);
    assert.deepEqual(found(loop("import network", "network.Net()")), FOUND);
    assert.deepEqual(found(loop("from .parts import network", "network.Net()")), FOUND);
    assert.deepEqual(found(loop("from network import build", "build()")), FOUND);
  });
  it("is found over a star, of which the later one counts", () => {
    assert.deepEqual(found(loop("from network import *", "Net()")), FOUND);
    assert.deepEqual(found(loop("from network import *", "Plain()")), []);
    assert.deepEqual(found(loop("from network import *", "Net()") + "class Net(keras.Model):\n    pass\n"), []);
    assert.deepEqual(found(loop("from elsewhere import *", "Net()")), []);
  });
  it("is found in an attribute of an object of the project's", () => {
    const holder = (made: string): string =>
      `${NETWORK}class Holder:\n    def __init__(self, size):\n        self.net = self.make(size)\n` +
      `    def make(self, size):\n        return ${made}\n`;
    const held = loop("from network import Holder", "Holder(4).net");
    assert.deepEqual(found(held, holder("Net()")), FOUND);
    assert.deepEqual(found(held, holder("Plain()")), []);
    assert.deepEqual(found(loop("from network import Holder", "Holder(4).other"), holder("Net()")), []);
    const named = loop("from network import Holder", "Holder(4)", "net.net(x)");
    assert.deepEqual(found(named, holder("Net()")), FOUND);
    assert.deepEqual(found(named, holder("Plain()")), []);
  });
  it("is found where all that a table has to choose from has BN", () => {
    const table = (classes: string): string =>
      loop("from network import Net, Plain, build", "KINDS[name]()").replace(
        "def main",
        `KINDS = {${classes}}\ndef main`,
      );
    const line = ["keras-call-without-training 9"];
    assert.deepEqual(found(table('"a": Net, "b": build')), line);
    assert.deepEqual(found(table('"a": Net, "b": Plain')), []);
    assert.deepEqual(found(table('"a": Net, "b": unknown')), []);
  });
  it("is found where a function gives back the model that it got", () => {
    const text = loop("from network import Net", "Net()") + "";
    const back = `def warm(model):\n    return 1, model\n`;
    const twice = text.replace("def main", `${back}def main`).replace("    for x", "    _, net = warm(net)\n    for x");
    assert.deepEqual(found(twice), ["keras-call-without-training 11"]);
    assert.deepEqual(found(twice.replace("net = Net()", "net = unknown()")), []);
    assert.deepEqual(found(twice.replace("    net = Net()\n", "")), []);
  });
  it("is silent where the mode is said, there or here", () => {
    assert.deepEqual(found(loop("from network import Net", "Net()", "net(x, training=True)")), []);
    assert.deepEqual(found(loop("from network import Net", "Net()"), NETWORK.replace("=None", "=True")), []);
    assert.deepEqual(found(loop("from network import Net", "Net()") + "keras.backend.set_learning_phase(1)\n"), []);
  });
  it("is silent about what is no model with BN, or not of the project", () => {
    for (const name of ["Plain", "Commented", "Table", "helper", "Missing"])
      assert.deepEqual(found(loop(`from network import ${name}`, `${name}()`)), [], name);
    assert.deepEqual(found(loop("from elsewhere import Net", "Net()")), []);
    assert.deepEqual(found(loop("from network import Net", "Net()"), "class Net(:\n"), []);
  });
});

describe("a loop with GradientTape whose class is given its models", () => {
  const GAN = `
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
class GAN(keras.Model):
    def __init__(self, discriminator, generator):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
    def train_step(self, data):
        with tf.GradientTape() as tape:
            loss = self.loss_of(self.discriminator(self.generator(data)))
        weights = self.generator.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
`;
  const FOUND = ["keras-call-without-training 12"];
  const PLAIN = "d = keras.Sequential([layers.Dense(2)])\n";
  const NORMS = "g = keras.Sequential([layers.Dense(2), layers.BatchNormalization()])\n";
  const MODELS = `
from tensorflow import keras
from tensorflow.keras import layers
def load():
    ${PLAIN.trim()}
    ${NORMS.trim()}
    return d, g
def one():
    return keras.Sequential([layers.BatchNormalization()])
`;
  const resolve: ResolveModule = ({ module }) => (module === "nets" ? { path: "nets.py", text: MODELS } : null);
  const of = (text: string, ...callers: readonly string[]): string[] =>
    scriptFindings(parsePython("gan.py", text), resolve, () =>
      callers.map((caller, index) => ({ path: `main${index}.py`, text: caller })),
    ).map(({ rule, range, verdict }) => {
      assert.match(verdict, /^self\.generator is trained in inference mode/);
      return `${rule} ${range.startLine}`;
    });

  it("is trained in inference mode where the model that it is given has BN", () => {
    assert.deepEqual(of(`${GAN}${PLAIN}${NORMS}gan = GAN(discriminator=d, generator=g)\n`), FOUND);
    assert.deepEqual(of(`${GAN}${PLAIN}${NORMS}gan = GAN(d, g)\n`), FOUND);
    const added = "g = keras.Sequential()\ng.add(layers.BatchNormalization())\n";
    assert.deepEqual(of(`${GAN}${PLAIN}${added}gan = GAN(d, g)\n`), FOUND);
    const built = `def make():\n    ${NORMS}    return g\n`;
    assert.deepEqual(of(`${GAN}${PLAIN}${built}gan = GAN(d, make())\n`), FOUND);
  });
  it("is found over the files that make the class and its models", () => {
    const main = "from gan import GAN\nfrom nets import load, one\n";
    assert.deepEqual(of(GAN, `${main}d, g = load()\ngan = GAN(discriminator=d, generator=g)\n`), FOUND);
    assert.deepEqual(of(GAN, `${main}gan = GAN(None, one())\n`), FOUND);
    assert.deepEqual(of(GAN, `${main}gan = GAN(None, load())\n`), []);
  });
  it("is silent where the model has no BN, is unknown, or is trained elsewhere", () => {
    assert.deepEqual(of(GAN), []);
    assert.deepEqual(of(`${GAN}${PLAIN}gan = GAN(d, d)\n`), []);
    assert.deepEqual(of(`${GAN}${PLAIN}${NORMS}gan = GAN(d, g)\nother = GAN(d, unknown())\n`), []);
    const trained = `${GAN}    def warm(self, x):\n        return self.generator(x, training=True)\n`;
    assert.deepEqual(of(`${trained}${PLAIN}${NORMS}gan = GAN(d, g)\n`), []);
  });
});

describe("fit() of a model whose call() has no argument training", () => {
  const model = (call: string, base = "keras.Model"): string => `
import keras
from keras import layers
class Block(layers.Layer):
    def __init__(self):
        super().__init__()
        self.bn = layers.BatchNormalization()
    def call(self, x, training=None):
        return self.bn(x)
class Net(${base}):
    def __init__(self):
        super().__init__()
        self.block = Block()
    def call(self, ${call}
def build():
    return Net()
`;
  const DEAF = model("x):\n        return self.block(x)");
  const FIT = "net.compile()\nnet.fit(x, y)\n";
  const FOUND = ["keras-call-without-training 14"];
  it("is in inference mode in Keras 3", () => {
    assert.deepEqual(found(`${DEAF}net = Net()\n${FIT}`), FOUND);
    assert.deepEqual(found(`${DEAF}net = build()\n${FIT}`), FOUND);
    assert.deepEqual(found(model("x, **options):\n        return self.block(x)") + `net = Net()\n${FIT}`), FOUND);
    assert.deepEqual(found(`${DEAF}def main(net):\n    net.fit(x)\nmain(Net())\n`), FOUND);
    assert.deepEqual(found(`from network import Net\nnet = Net()\nnet.compile()\nnet.fit(x, y)  # keras\n`, DEAF), [
      "keras-call-without-training 4",
    ]);
  });
  it("is found in Keras 3 under its first name", () => {
    const first = DEAF.replaceAll("import keras\n", "import keras_core as keras\n").replaceAll(
      "from keras",
      "from keras_core",
    );
    const [finding] = scriptFindings(parsePython("main.py", `${first}net = Net()\n${FIT}`), () => null);
    assert.equal(finding?.severity, "warning");
  });
  it("is a hint of the version where the file may use Keras 2", () => {
    const older = DEAF.replaceAll("import keras\nfrom keras", "from tensorflow import keras\nfrom tensorflow.keras");
    const [finding] = scriptFindings(parsePython("main.py", `${older}net = Net()\n${FIT}`), () => null);
    assert.equal(finding?.severity, "information");
  });
  it("is silent where the mode arrives, where it is said, and where fit() is another one", () => {
    for (const call of [
      "x, training=None):\n        return self.block(x)",
      "x, training):\n        return self.block(x)",
      "x):\n        return self.block(x, training=True)",
      "x):\n        return self.block(x)\n    def train_step(self, data):\n        return {}",
    ])
      assert.deepEqual(found(`${model(call)}net = Net()\n${FIT}`), [], call);
    // A layer inside of another model gets the mode from it.
    assert.deepEqual(found(`${model("x):\n        return self.block(x)", "layers.Layer")}net = Net()\n${FIT}`), []);
    assert.deepEqual(found(`${DEAF}net = keras.Sequential([Net()])\n${FIT}`), []);
    assert.deepEqual(found(`${DEAF}net = Net()\nscaler.fit(x)\n`), []);
  });
});
