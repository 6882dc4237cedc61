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
  it("is silent where the mode is said, there or here", () => {
    assert.deepEqual(found(loop("from network import Net", "Net()", "net(x, training=True)")), []);
    assert.deepEqual(found(loop("from network import Net", "Net()"), NETWORK.replace("=None", "=True")), []);
    assert.deepEqual(found(loop("from network import Net", "Net()") + "keras.backend.set_learning_phase(1)\n"), []);
  });
  it("is silent about what is no model with BN, or not of the project", () => {
    for (const name of ["Plain", "Table", "helper", "Missing"])
      assert.deepEqual(found(loop(`from network import ${name}`, `${name}()`)), [], name);
    assert.deepEqual(found(loop("from elsewhere import Net", "Net()")), []);
    assert.deepEqual(found(loop("from network import Net", "Net()"), "class Net(:\n"), []);
  });
});
