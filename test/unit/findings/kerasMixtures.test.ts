import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";

const HEAD = "import numpy as np\nimport tensorflow as tf\nimport keras\nfrom keras import layers\n";

const found = (rule: string, text: string): string[] =>
  lintSource("gan.py", HEAD + text)
    .findings.filter((finding) => finding.rule === rule)
    .map(({ range, severity }) => `${severity} ${(HEAD + text).split("\n")[range.startLine - 1]!.trim()}`);

describe("real and generated samples in one batch of a Keras discriminator", () => {
  const RULE = "real-fake-concatenated";
  const gan = (joined: string, train = "disc.train_on_batch(x, y)", norm = "BatchNormalization"): string => `
disc = keras.Sequential([layers.Dense(4), layers.${norm}(), layers.Dense(1)])
gen = keras.Sequential([layers.Dense(4)])
def step(real, z, y):
    fake = gen.predict(z)
    x = ${joined}
    ${train}
`;
  const FOUND = ["information disc.train_on_batch(x, y)"];
  it("are information, however they are put together", () => {
    for (const joined of [
      "np.concatenate([real, fake])",
      "np.concatenate((real, fake), axis=0)",
      "np.vstack([fake, real])",
      "tf.concat([real, gen(z)], 0)",
    ])
      assert.deepEqual(found(RULE, gan(joined)), FOUND, joined);
  });
  it("are information in a loop with a tape", () => {
    const tape = "with tf.GradientTape() as t:\n        loss = f(disc(x, training=True))";
    assert.deepEqual(found(RULE, gan("tf.concat([gen(z), real], axis=0)", tape)), [
      "information loss = f(disc(x, training=True))",
    ]);
  });
  it("are not reported apart, as channels, without BN, or where both are real", () => {
    assert.deepEqual(found(RULE, gan("fake")), []);
    assert.deepEqual(found(RULE, gan("np.concatenate([real, fake], axis=-1)")), []);
    assert.deepEqual(found(RULE, gan("np.concatenate([real, fake])", undefined, "ReLU")), []);
    assert.deepEqual(found(RULE, gan("np.concatenate([real, z])")), []);
    assert.deepEqual(found(RULE, gan("np.concatenate([gen.predict(z), fake])")), []);
  });
});

describe("16 bits for all that a Keras model learns", () => {
  const RULE = "low-precision-statistics";
  const NET = "net = keras.Sequential([layers.Dense(4), layers.BatchNormalization()])\n";
  it("are those of the moving averages too", () => {
    for (const set of [
      'keras.config.set_dtype_policy("float16")',
      'keras.backend.set_floatx("float16")',
      'keras.mixed_precision.set_dtype_policy("bfloat16")',
    ])
      assert.deepEqual(found(RULE, `${set}\n${NET}`), [`warning ${set}`]);
    const own = NET.replace("BatchNormalization()", 'BatchNormalization(dtype="float16")');
    assert.deepEqual(found(RULE, own), [`warning ${own.trim()}`]);
  });
  it("are information where the file may use Keras 2, which keeps them apart", () => {
    const text = `${NET}keras.backend.set_floatx("float16")\n`.replaceAll("keras.", "tf.keras.");
    const all = lintSource("net.py", `import tensorflow as tf\nfrom tensorflow.keras import layers\n${text}`).findings;
    assert.deepEqual(
      all.filter(({ rule }) => rule === RULE).map(({ severity }) => severity),
      ["information"],
    );
  });
  it("are not reported in a mixed policy, without BN, or where they are taken back", () => {
    assert.deepEqual(found(RULE, `keras.config.set_dtype_policy("mixed_float16")\n${NET}`), []);
    const plain = NET.replace("BatchNormalization", "ReLU");
    assert.deepEqual(found(RULE, `keras.backend.set_floatx("float16")\n${plain}`), []);
    assert.deepEqual(
      found(RULE, `keras.backend.set_floatx("float16")\n${NET}keras.backend.set_floatx("float32")\n`),
      [],
    );
  });
});
