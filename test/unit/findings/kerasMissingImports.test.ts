import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import { python } from "../support/python";

const rulesAt = (text: string): string[] =>
  lintSource("model.py", text).findings.map(({ rule, range }) => `${rule} ${range.startLine}`);

const shifted = (prefix: string): string => python`
  x = ${prefix}Dense(8, use_bias=False)(y)
  x = ${prefix}Dropout(0.5)(x)
  x = ${prefix}BatchNormalization()(x)
`;

const asFunction = (body: string): string => `def block(y):\n${body.replace(/^(?=.)/gm, "    ")}    return x\n`;

describe("A Keras file without its imports", () => {
  it("means Keras by the names that nothing in it binds", () => {
    for (const prefix of ["", "layers.", "keras.layers.", "tf.keras.layers.", "KL."])
      assert.deepEqual(rulesAt(asFunction(shifted(prefix))), ["dropout-before-norm 3"], prefix);
  });
  it("has them from a file that is not there", () => {
    for (const star of ["from utils import *", "from .common.helpers import *"])
      assert.deepEqual(rulesAt(`${star}\n${asFunction(shifted(""))}`), ["dropout-before-norm 4"], star);
  });
  it("keeps what it imports of Keras where a star may bring something else", () => {
    const text = `from keras.layers import Dense, Dropout, BatchNormalization\nfrom helpers import *\n`;
    assert.deepEqual(rulesAt(text + asFunction(shifted(""))), ["dropout-before-norm 5"]);
  });
  it("builds the models of a cell", () => {
    const text = python`
      model = Sequential()
      model.add(Dense(8, input_dim=4, use_bias=False))
      model.add(Dropout(0.5))
      model.add(BatchNormalization(momentum=0.2))
      model.add(Activation("relu"))
    `;
    assert.deepEqual(rulesAt(text), ["dropout-before-norm 3", "momentum-inverted 4"]);
  });
  it("says nothing about names of its own", () => {
    for (const own of [
      "class BatchNormalization:\n    def __call__(self, x):\n        return x\n",
      "def BatchNormalization(**kw):\n    return lambda x: x\n",
      "from mine import BatchNormalization\n",
      "for BatchNormalization in kinds:\n    pass\n",
    ])
      assert.deepEqual(rulesAt(own + asFunction(shifted(""))), [], own);
  });
  it("says nothing where no BN layer of Keras is made", () => {
    assert.deepEqual(rulesAt("model = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.BatchNorm1d(8))\n"), []);
  });
});
