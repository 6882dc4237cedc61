import { strict as assert } from "node:assert";
import { parsePython } from "../../../../engine/python/parse";
import { readEveryModel } from "../../../../engine/source/everyModel";
import { python } from "../../support/python";

const builder = (parts: string): string => python`
  import keras
  _LAYERS = None

  def parts_of(kwargs):
      for key in kwargs.keys():
          if key not in ["layers", "models"]:
              raise TypeError(key)
      return ${parts}

  def Net(width, **kwargs):
      layers, models = parts_of(kwargs)
      i = layers.Input((8, 8, 3))
      x = layers.BatchNormalization(name="bn")(layers.Conv2D(width, 3, name="conv")(i))
      return models.Model(i, layers.Dense(2)(layers.Flatten()(x)))
`;

function norms(parts: string): string[] {
  const text = builder(parts);
  const { readings, assumed } = readEveryModel({ path: "net.py", text }, parsePython("net.py", text));
  return [...readings, ...assumed.flat()].flatMap(({ graph }) =>
    (graph?.layers ?? []).filter(({ op }) => op.kind === "batchNorm").map(({ name }) => name),
  );
}

describe("builders that take parts of Keras as keyword arguments", () => {
  it("are followed where nobody gives them", () => {
    assert.deepEqual([...new Set(norms(`kwargs.get("layers", _LAYERS), kwargs.get("models")`))], ["bn"]);
    assert.deepEqual([...new Set(norms(`kwargs.pop("layers", None), kwargs.pop("models", None)`))], ["bn"]);
  });
  it("use what a default says", () => {
    assert.deepEqual(norms(`kwargs.get("layers", 3), kwargs.get("models")`), []);
  });
  it("are not followed where a name is no part of Keras", () => {
    assert.deepEqual(norms(`kwargs.get("blocks", None), kwargs.get("models")`), []);
  });
});
