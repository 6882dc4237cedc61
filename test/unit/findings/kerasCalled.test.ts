import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import type { ResolveModule } from "../../../engine/python/resolveModule";
import { python } from "../support/python";

const BUILDER = python`
  from tensorflow.keras import layers, Model
  def block(x, width, norm, rate):
      x = layers.Conv2D(width, 3, use_bias=False)(x)
      if rate > 0:
          x = layers.Dropout(rate)(x)
      if norm:
          x = layers.BatchNormalization()(x)
      return layers.ReLU()(x)
  def unet(shape, norm=False, rate=0.0):
      i = layers.Input(shape)
      return Model(i, layers.Conv2D(1, 1)(block(i, 8, norm, rate)))
`;
const CLASS = python`
  from tensorflow.keras import layers, Model
  class Net(Model):
      def __init__(self, width, norm=False, rate=0.0):
          super().__init__()
          self.d = layers.Dense(width, use_bias=False)
          self.drop = layers.Dropout(rate)
          self.norm = layers.BatchNormalization() if norm else None
          self.out = layers.Dense(1)
      def call(self, x):
          x = self.drop(self.d(x))
          if self.norm is not None:
              x = self.norm(x)
          return self.out(x)
`;
const METHOD = python`
  from tensorflow.keras import layers, Sequential
  class Small:
      @staticmethod
      def build(width, height, rate=0.0, norm=False):
          model = Sequential()
          model.add(layers.Conv2D(8, 3, use_bias=False, input_shape=(height, width, 3)))
          if rate:
              model.add(layers.Dropout(rate))
          if norm:
              model.add(layers.BatchNormalization())
          model.add(layers.ReLU())
          return model
`;

function found(text: string, ...callers: readonly string[]): string[] {
  const resolveModule: ResolveModule = ({ module }) => (module.endsWith("nets") ? { path: "nets.py", text } : null);
  const { findings } = lintSource("nets.py", text, {
    resolveModule,
    callers: () => callers.map((caller, index) => ({ path: `main${index}.py`, text: caller })),
  });
  return findings.map(({ rule, range }) => `${rule} ${text.split("\n")[range.startLine - 1]?.trim() ?? ""}`);
}

describe("A Keras builder with options that another file turns on", () => {
  const DROPPED = ["dropout-before-norm x = layers.Dropout(rate)(x)"];
  it("is read as it is called, at the top, in a guard, in main() and in functions with arguments", () => {
    const call = "model = unet((64, 64, 1), norm=True, rate=0.3)";
    for (const caller of [
      `from nets import unet\n${call}\n`,
      `import nets\n${call.replace("unet(", "nets.unet(")}\n`,
      `from nets import *\nif __name__ == "__main__":\n    ${call}\n`,
      `from nets import unet\ndef main():\n    ${call}\n`,
      `from nets import unet\ndef run(args):\n    ${call.replace("64, 64", "args.size, args.size")}\n`,
    ])
      assert.deepEqual(found(BUILDER, caller), DROPPED, caller);
  });
  it("is read as its own file calls it when it is run", () => {
    assert.deepEqual(
      found(`${BUILDER}if __name__ == "__main__":\n    unet((64, 64, 1), True, 0.2).summary()\n`),
      DROPPED,
    );
  });
  it("may be a class or a method", () => {
    assert.deepEqual(found(CLASS, "from nets import Net\nnet = Net(8, norm=True, rate=0.4)\n"), [
      "dropout-before-norm self.drop = layers.Dropout(rate)",
    ]);
    assert.deepEqual(found(METHOD, "from nets import Small\nnet = Small.build(32, 32, rate=0.4, norm=True)\n"), [
      "dropout-before-norm model.add(layers.Dropout(rate))",
    ]);
  });
  it("has nothing that no call turns on", () => {
    for (const options of ["", ", norm=True", ", rate=0.3", ", norm=True, rate=0.0"])
      assert.deepEqual(found(BUILDER, `from nets import unet\nmodel = unet((64, 64, 1)${options})\n`), [], options);
  });
});

describe("A Keras model whose input nobody gives", () => {
  const first = (layer: string): string => python`
    from tensorflow.keras import layers, Model
    class Net(Model):
        def __init__(self):
            super().__init__()
            self.first = ${layer}
            self.d = layers.Dense(8, use_bias=False)
            self.drop = layers.Dropout(0.5)
            self.norm = layers.BatchNormalization()
            self.out = layers.Dense(1)
        def call(self, x):
            return self.out(self.norm(self.drop(self.d(self.first(x)))))
  `;
  it("has as many axes as its first layer takes", () => {
    for (const layer of ["layers.Dense(4)", "layers.LSTM(4)", "layers.Flatten()", "layers.GlobalAveragePooling2D()"])
      assert.deepEqual(found(first(layer)), ["dropout-before-norm self.drop = layers.Dropout(0.5)"], layer);
  });
  it("wastes a bias all the same", () => {
    const text = python`
      from tensorflow.keras import layers, Sequential
      def build(data):
          model = Sequential()
          model.add(layers.Conv2D(8, 3, input_shape=data.shape[1:]))
          model.add(layers.BatchNormalization())
          model.add(layers.ReLU())
          return model
    `;
    assert.deepEqual(found(text), ["bias-before-norm model.add(layers.Conv2D(8, 3, input_shape=data.shape[1:]))"]);
  });
  it("keeps its layers after one that is not followed", () => {
    const text = python`
      import tensorflow_hub as hub
      from tensorflow.keras import layers, Sequential
      model = Sequential([hub.KerasLayer("https://x"), layers.Dense(8), layers.Dropout(0.5), layers.BatchNormalization(), layers.Dense(1)])
    `;
    assert.equal(found(text).filter((rule) => rule.startsWith("dropout")).length, 1);
  });
});

describe("Dropout before a padding of the project's own", () => {
  it("reaches the BN layer after it", () => {
    const text = python`
      import tensorflow as tf
      from tensorflow.keras import layers, Model
      class Mirror(layers.Layer):
          def call(self, x):
              return tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")
      i = layers.Input((32, 32, 3))
      x = layers.Dropout(0.5)(layers.ReLU()(layers.Conv2D(8, 3)(i)))
      x = layers.Conv2D(8, 3, use_bias=False)(Mirror()(x))
      model = Model(i, layers.ReLU()(layers.BatchNormalization()(x)))
    `;
    assert.deepEqual(found(text), [
      "dropout-before-norm x = layers.Dropout(0.5)(layers.ReLU()(layers.Conv2D(8, 3)(i)))",
    ]);
  });
});

describe("A Keras builder that takes its settings as **params", () => {
  const builder = (dropout: string): string => python`
    from tensorflow.keras import layers, Model
    def unit(x, **params):
        x = layers.Conv1D(params["width"], 3, padding="same", use_bias=False)(x)
        ${dropout}
        x = layers.BatchNormalization()(x)
        return layers.Activation(params["act"])(x)
    def build(**params):
        i = layers.Input(shape=params["input_shape"])
        x = i
        for _ in range(params["num_units"]):
            x = unit(x, **params)
        return Model(inputs=i, outputs=layers.Dense(params["classes"])(x))
  `;
  it("has whatever settings it asks for", () => {
    assert.deepEqual(found(builder('x = layers.Dropout(params["drop"])(x)')), [
      'dropout-before-norm x = layers.Dropout(params["drop"])(x)',
    ]);
    assert.deepEqual(found(builder("pass")), []);
  });
  it("keeps a rate at its default of 0", () => {
    const text = builder("x = drop(x, **params)").replace(
      "def unit(",
      "def drop(x, rate=0, **params):\n    if rate > 0:\n        x = layers.Dropout(rate)(x)\n    return x\ndef unit(",
    );
    assert.deepEqual(found(text), []);
    assert.deepEqual(found(text.replace("drop(x, **params)", 'drop(x, rate=params["rate"], **params)')), [
      "dropout-before-norm x = layers.Dropout(rate)(x)",
    ]);
  });
  it("is followed for two rounds where nobody says how many", () => {
    const alternating = python`
      from tensorflow.keras import layers, Model
      def build(**params):
          i = layers.Input(shape=params["input_shape"])
          x = i
          for n in range(params["num_units"]):
              if n > 0:
                  x = layers.Dropout(0.5)(x)
              x = layers.Conv1D(8, 3, use_bias=False)(x)
              if n == 0:
                  x = layers.BatchNormalization()(x)
          return Model(i, x)
    `;
    assert.deepEqual(found(alternating), []);
  });
});
