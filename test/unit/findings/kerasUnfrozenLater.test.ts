import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import { python } from "../support/python";

const IMPORTS = python`
    import keras
    from keras import layers, Input, Model
    from keras.applications import ResNet50, VGG16
  `;
const at = (text: string): string[] =>
  lintSource("model.py", IMPORTS + text)
    .findings.filter(({ rule }) => rule === "keras-frozen-bn")
    .map(({ rule, range }) => `${rule} ${range.startLine - 3}`);

describe("a pretrained base that one function freezes", () => {
  const text = (loop: string, base = "keras.applications.EfficientNetB0(include_top=False, input_tensor=i)"): string =>
    python`
      def build(n):
          i = Input((224, 224, 3))
          model = ${base}
          model.trainable = False
          x = layers.GlobalAveragePooling2D()(model.output)
          x = layers.Dropout(0.2)(x)
          model = Model(i, layers.Dense(n)(x))
          model.compile()
          return model
      def thaw(net):
          for layer in ${loop}:
              layer.trainable = True
          net.compile()
      model = build(3)
      model.fit(1)
      thaw(model)
      model.fit(1)
    `;
  it("is found where another function unfreezes what it is given", () => {
    for (const loop of ["net.layers[-20:]", "net.layers"])
      assert.deepEqual(at(text(loop)), ["keras-frozen-bn 12"], loop);
  });
  it("is not found where these may be layers without BN, or of something else", () => {
    for (const loop of ["net.layers[-4:]", "net.layers[238:]", "other.layers[-20:]"])
      assert.deepEqual(at(text(loop)), [], loop);
  });
  it("is not found without BN, where nothing was frozen, or where BN layers are asked for", () => {
    assert.deepEqual(at(text("net.layers", "VGG16(include_top=False)")), []);
    assert.deepEqual(at(text("net.layers").replace("model.trainable = False", "pass")), []);
    const careful = text("net.layers").replace(
      "layer.trainable = True",
      "layer.trainable = not isinstance(layer, layers.BatchNormalization)",
    );
    assert.deepEqual(at(careful), []);
    assert.deepEqual(at(`${text("net.layers")}other = ResNet50()\n`), []);
  });
});

describe("a change of trainable after a function compiled the model", () => {
  const text = (change: string, base = "ResNet50(include_top=False, pooling='avg')"): string => python`
    def build():
        base = ${base}
        net = keras.Sequential([base, layers.Dense(1)])
        net.compile("adam", "mse")
        return net
    def prepare(net):
        net.compile("sgd", "mse")
    model = build()
    ${change}
    model.fit(x, y)
  `;
  it("has no effect, on the model, a layer of it, or its layers one by one", () => {
    for (const change of [
      "model.trainable = False",
      "model.layers[0].trainable = False",
      "model.get_layer('resnet50').trainable = False",
      "for layer in model.layers[:-1]:\n    layer.trainable = False",
    ])
      assert.deepEqual(at(text(change)), ["keras-frozen-bn 9"], change);
  });
  it("has an effect where it is compiled again, here or in a function", () => {
    for (const compile of ["model.compile('adam', 'mse')", "prepare(model)", "model = prepare(model)"])
      assert.deepEqual(at(text(`model.layers[0].trainable = False\n${compile}`)), [], compile);
  });
  it("is not reported of a model without BN, of another, or of one that nobody compiled", () => {
    assert.deepEqual(at(text("model.layers[0].trainable = False", "VGG16(include_top=False)")), []);
    assert.deepEqual(at(text("other.layers[0].trainable = False")), []);
    const open = text("model.layers[0].trainable = False").replace(
      '    net.compile("adam", "mse")\n    return',
      "    return",
    );
    assert.deepEqual(at(open), []);
  });
});
