import { strict as assert } from "node:assert";
import { python } from "../support/python";
import { findings, only, rulesAt } from "./kerasText";

describe("keras-frozen-bn", () => {
  const start = (base: string, call: string): string =>
    python`
      base = ${base}
      base.trainable = False
      i = Input((224, 224, 3))
      x = ${call}
      model = Model(i, layers.Dense(2)(x))
      model.compile()
      model.fit(1)
    `;
  const BASE = "ResNet50(include_top=False, pooling='avg')";
  const REST = "base.trainable = True\nmodel.compile()\nmodel.fit(1)\n";
  const at = (text: string): string[] => rulesAt(text).filter((rule) => rule.startsWith("keras-frozen-bn"));
  it("is found where a base is unfrozen that was called without training=False", () => {
    assert.deepEqual(at(start(BASE, "base(i)") + REST), ["keras-frozen-bn 8"]);
    assert.match(only("keras-frozen-bn", start(BASE, "base(i)") + REST).next, /trainable=False/);
  });
  it("is found where the base stands in a Sequential", () => {
    assert.deepEqual(
      at(python`
        base = ${BASE}
        base.trainable = False
        model = Sequential([base, layers.Dense(2)])
        ${REST}`),
      ["keras-frozen-bn 4"],
    );
    assert.deepEqual(
      at(python`
      base = ${BASE}
      base.trainable = False
      model = Sequential()
      model.add(base)
      ${REST}`),
      ["keras-frozen-bn 5"],
    );
  });
  it("is found where the layers were frozen one by one", () => {
    assert.deepEqual(
      at(
        python`
          base = ${BASE}
          for layer in base.layers:
              layer.trainable = False
          i = Input((224, 224, 3))
          model = Model(i, base(i))
          ${REST}`,
      ),
      ["keras-frozen-bn 6"],
    );
  });
  const headed = (thaw: string, base = "ResNet50(include_top=False)"): string =>
    python`
      base = ${base}
      x = layers.GlobalAveragePooling2D()(base.output)
      model = Model(inputs=base.input, outputs=layers.Dense(2)(x))
      for layer in base.layers:
          layer.trainable = False
      model.compile()
      model.fit(1)
      ${thaw}
      model.compile()
      model.fit(1)
    `;
  it("is found where the model goes on from the base's output", () => {
    assert.deepEqual(at(headed("base.trainable = True")), ["keras-frozen-bn 8"]);
    assert.deepEqual(at(headed("model.trainable = True")), ["keras-frozen-bn 8"]);
    for (const slice of ["", "[100:]", "[:100]"])
      assert.deepEqual(at(headed(`for layer in model.layers${slice}:\n    layer.trainable = True`)), [
        "keras-frozen-bn 9",
      ]);
    assert.match(only("keras-frozen-bn", headed("model.trainable = True")).verdict, /^base is unfrozen here/);
  });
  it("is found where the model goes on from a layer of the base", () => {
    for (const output of ["base.layers[-2].output", "base.get_layer('conv4_block6_out').output"]) {
      const cut = (thaw: string): string => headed(thaw).replace("base.output", output);
      assert.deepEqual(at(cut("model.trainable = True")), ["keras-frozen-bn 8"]);
      assert.deepEqual(at(cut("for layer in base.layers[50:]:\n    layer.trainable = True")), ["keras-frozen-bn 9"]);
      assert.deepEqual(at(cut("for layer in model.layers[150:]:\n    layer.trainable = True")), []);
    }
  });
  it("is found where the name was the base's class before", () => {
    const text = headed("base.trainable = True").replace(
      "base = ResNet50(include_top=False)",
      "base = keras.applications.resnet50.ResNet50\nbase = base(weights='imagenet')",
    );
    assert.deepEqual(at(text), ["keras-frozen-bn 9"]);
  });
  it("is not found where the layers that are unfrozen may have no BN of the base", () => {
    for (const slice of ["[-5:]", "[start:]", "[174:]", "[:2]", "[3:5]"])
      assert.deepEqual(at(headed(`for layer in model.layers${slice}:\n    layer.trainable = True`)), [], slice);
    assert.deepEqual(at(headed("for layer in base.layers[-1:]:\n    layer.trainable = True")), []);
    assert.deepEqual(at(headed("other.trainable = True")), []);
    assert.deepEqual(at(headed("model.trainable = True", "VGG16(include_top=False)")), []);
  });
  it("is found where nothing is compiled after a change", () => {
    assert.deepEqual(at(`${start(BASE, "base(i, training=False)")}base.trainable = True\nmodel.fit(2)\n`), [
      "keras-frozen-bn 8",
    ]);
  });
  it("is no more than that where an unfreezing is not compiled", () => {
    const found = findings(
      `${start(BASE, "base(i)")}for layer in base.layers[9:]:\n    layer.trainable = True\nmodel.fit(2)\n`,
    );
    assert.deepEqual(
      found.filter(({ rule }) => rule === "keras-frozen-bn").map(({ verdict }) => verdict.includes("no effect")),
      [true],
    );
  });
  it("is not found where the base is called with training=False", () => {
    assert.deepEqual(at(start(BASE, "base(i, training=False)") + REST), []);
  });
  it("is not found for a base without BN, or without pretrained weights", () => {
    assert.deepEqual(at(start("VGG16(include_top=False, pooling='avg')", "base(i)") + REST), []);
    assert.deepEqual(at(start("ResNet50(weights=None, include_top=False, pooling='avg')", "base(i)") + REST), []);
  });
  it("is not found where BN layers are handled by their class", () => {
    assert.deepEqual(
      at(
        python`
          ${start(BASE, "base(i)")}base.trainable = True
          for l in base.layers:
              if isinstance(l, layers.BatchNormalization):
                  l.trainable = False
          model.compile()
          model.fit(1)
        `,
      ),
      [],
    );
  });
  it("is not found where the base stays frozen, or was never frozen", () => {
    assert.deepEqual(at(start(BASE, "base(i)")), []);
    assert.deepEqual(
      at(python`
      base = ${BASE}
      i = Input((224, 224, 3))
      model = Model(i, base(i))
      ${REST}`),
      [],
    );
  });
  it("is not found where the name may be something else", () => {
    assert.deepEqual(
      at(
        python`
          base = ${BASE}
          base = Sequential([layers.Dense(2)])
          base.trainable = False
          model = Sequential([base])
          ${REST}`,
      ),
      [],
    );
  });
});
