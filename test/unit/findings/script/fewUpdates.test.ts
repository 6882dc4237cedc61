import { strict as assert } from "node:assert";
import { lintSource } from "../../../../engine/findings/lintSource";
import { fires, silent } from "./helpers";

const net = (momentum = ""): string => `class Small(nn.Module):
    def __init__(self, keep=0.998):
        super().__init__()
        self.fc, self.bn = nn.Linear(8, 16), nn.BatchNorm1d(16${momentum})
    def forward(self, x):
        return self.bn(self.fc(x))
model = Small()
optimizer = optim.SGD(model.parameters(), lr=0.1)
def data(n):
    x = 0.5 * torch.randn(n, 8) + 1
    return x, torch.zeros(n).long()
def fit(x, y, epochs, size=10):
    for epoch in range(epochs):
        model.train()
        for k in torch.randperm(len(x)).split(size):
            criterion(model(x[k]), y[k]).backward()
            optimizer.step()
`;
const MEASURE = "model.eval()\nprint(model(torch.randn(9, 8)))\n";

describe("statistics-too-young", () => {
  const RULE = "statistics-too-young";
  fires(RULE, {
    "20 steps with PyTorch's momentum": [`${net()}fit(*data(100), 2)\n${MEASURE}`, 4],
    "a small momentum, given by a default": [`${net(", momentum=1 - keep")}fit(*data(1000), 4)\n${MEASURE}`, 2],
    "a loader over a data set of known size": [
      `model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
loader = DataLoader(datasets.CIFAR10("d", train=True), batch_size=5000, shuffle=True)
for epoch in range(2):
    model.train()
    for x, y in loader:
        criterion(model(x), y).backward()
        optimizer.step()
model.eval()
print(model(torch.rand(9, 3, 8, 8)))
`,
      -9,
    ],
  });
  silent(RULE, {
    "enough steps": `${net()}fit(*data(1000), 4)\n${MEASURE}`,
    "a network that is never evaluated": `${net()}fit(*data(100), 2)\n`,
    "an average over all batches": `${net(", momentum=None")}fit(*data(100), 2)\n${MEASURE}`,
    "a number of samples that is not known": `${net()}fit(x, y, 2)\n${MEASURE}`,
    "weights that were loaded": `${net()}model.load_state_dict(torch.load("m.pt"))\nfit(*data(100), 2)\n${MEASURE}`,
  });

  const keras = (norm: string, rest: string): string => `import keras
import numpy as np
from keras import layers
rng = np.random.default_rng(0)
def rows(n):
    kind = rng.integers(0, 3, n)
    return (CENTRES[kind] + rng.normal(scale=0.5, size=(n, 8))).astype("float32"), kind
model = keras.Sequential([layers.Dense(8, use_bias=False), ${norm}, layers.ReLU(), layers.Dense(3)])
model.compile("adam", "mse")
${rest}`;
  const at = (text: string): number[] =>
    lintSource("model.py", text)
      .findings.filter(({ rule }) => rule === RULE)
      .map(({ range }) => range.startLine);
  it("counts the steps of Keras's fit()", () => {
    const fit = "model.fit(*rows(320), batch_size=32, epochs=4, validation_data=rows(99))\n";
    assert.deepEqual(at(keras("layers.BatchNormalization()", fit)), [8]);
    assert.deepEqual(at(keras("layers.BatchNormalization(momentum=0.8)", fit)), []);
    assert.deepEqual(at(keras("layers.BatchNormalization()", fit.replace("epochs=4", "epochs=40"))), []);
    assert.deepEqual(at(keras("layers.BatchNormalization()", fit.replace("*rows(320)", "x, y"))), []);
    const array = "x = np.random.rand(200, 8)\nmodel.fit(x, y, epochs=3, validation_split=0.2)\n";
    assert.deepEqual(at(keras("layers.BatchNormalization()", array)), [8]);
    assert.deepEqual(at(keras("layers.BatchNormalization()", array.replace(", validation_split=0.2", ""))), []);
  });
  const BN = "layers.BatchNormalization()";
  const DATA = `import tensorflow as tf
import tensorflow_datasets as tfds
data = tfds.load("mnist")["train"].map(scale).shuffle(10).batch(64)
`;
  const LOOP = `@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
for epoch in range(5):
    for x, y in data.take(5):
        train_step(x, y)
`;
  it("counts the batches that a pipeline of tf.data gives", () => {
    const fit = `${DATA}few = data.take(5).prefetch(2)\nmodel.fit(few, epochs=5)\nmodel.evaluate(data)\n`;
    assert.deepEqual(at(keras(BN, fit)), [8]);
    assert.deepEqual(at(keras(BN, fit.replace("take(5)", "take(5).repeat(20)"))), []);
    assert.deepEqual(at(keras(BN, fit.replace("take(5)", "skip(5)"))), []);
    assert.deepEqual(at(keras(BN, fit.replace("take(5)", "take(n)"))), []);
    assert.deepEqual(at(keras(BN, `${DATA}model.fit([a, b], y, epochs=2, validation_data=data)\n`)), []);
    const slices = `${DATA}x = np.zeros((320, 8))
few = tf.data.Dataset.from_tensor_slices((x, x)).shuffle(9).batch(32)
model.fit(few, epochs=4, validation_data=few)
`;
    assert.deepEqual(at(keras(BN, slices)), [8]);
    assert.deepEqual(at(keras(BN, slices.replace("320", "32000"))), []);
    assert.deepEqual(at(keras(BN, slices.replace("batch(32)", "batch(32).repeat()"))), []);
  });
  it("counts the steps of a loop of one's own", () => {
    const loop = `${DATA}${LOOP}print(model(x_test, training=False))\n`;
    assert.deepEqual(at(keras(BN, loop)), [8]);
    assert.deepEqual(at(keras(BN, `${DATA}${LOOP}print(model.evaluate(x_test))\n`)), [8]);
    assert.deepEqual(at(keras(BN, loop.replace("data.take(5)", "data.take(500)"))), []);
    assert.deepEqual(at(keras(BN, loop.replace("data.take(5)", "data"))), []);
    assert.deepEqual(at(keras(BN, loop.replace("training=True", "training=is_training"))), []);
    assert.deepEqual(at(keras(BN, `${loop}for x, y in data:\n    train_step(x, y)\n`)), []);
    assert.deepEqual(at(keras(BN, loop.replace("train_step(x, y)\n", "strategy.run(train_step, (x, y))\n"))), []);
    assert.deepEqual(at(keras(BN, `${DATA}${LOOP}`)), []);
  });
  it("counts those of each model by itself", () => {
    const rest = `${DATA}first = model
first.fit(data.take(4))
model = keras.Sequential([layers.Dense(8), layers.BatchNormalization()])
model.fit(data, epochs=9)
`;
    assert.deepEqual(at(keras(BN, `${rest}print(first.evaluate(x))\n`)), [8]);
    assert.deepEqual(at(keras(BN, `${rest}print(model.evaluate(x))\n`)), []);
    assert.deepEqual(at(keras(BN, `${rest}whole = keras.Model(a, b)\nwhole.fit(x)\nfirst.evaluate(x)\n`)), []);
  });
  it("does not count a layer that is put into a graph with training=True", () => {
    const graph = `import keras
from keras import layers
i = keras.Input((8,))
x = layers.BatchNormalization()(layers.Dense(8, use_bias=False)(i), training=True)
model = keras.Model(i, x)
model.compile("adam", "mse")
print(model.evaluate(a, b))
`;
    assert.deepEqual(
      lintSource("main.py", graph).findings.filter(({ rule }) => rule === RULE),
      [],
    );
  });
  it("leaves a train_step of one's own alone, which may make several", () => {
    const rest = `class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.bn = layers.BatchNormalization()
    def train_step(self, data):
        return {}
net = Net()
net.fit(np.zeros((320, 8)), epochs=2)
net.evaluate(x)
`;
    assert.deepEqual(at(keras("layers.ReLU()", rest)), []);
    assert.deepEqual(at(keras("layers.ReLU()", rest.replace("train_step", "other"))), [13]);
  });
});

describe("statistics-behind", () => {
  const RULE = "statistics-behind";
  const two = (momentum: string, epochs: number): string =>
    `${net(momentum)}for n, epochs in ((4000, 9), (100, ${epochs})):\n    fit(*data(n), epochs)\n    model.eval()\n    print(model(torch.rand(9, 8)))\n`;
  fires(RULE, { "a short training after a long one": [two(", momentum=1 - keep", 3), 2] });
  silent(RULE, {
    "a momentum that follows": two(", momentum=0.1", 3),
    "a second training that is long enough": two(", momentum=1 - keep", 90),
  });
});
