import { strict as assert } from "node:assert";
import { batchNormLayers } from "../../../../engine/protocol/modelGraph";
import { readKeras, rows, wholeGraph } from "./helpers";
import { python } from "../../support/python";

/** Totals as keras.io/api/applications and `model.summary()` give them, with the number of BN layers. */
const TOTALS: readonly (readonly [name: string, parameters: number, norms: number])[] = [
  ["ResNet50", 25_636_712, 53],
  ["ResNet101", 44_707_176, 104],
  ["ResNet152", 60_419_944, 155],
  ["ResNet50V2", 25_613_800, 49],
  ["ResNet101V2", 44_675_560, 100],
  ["ResNet152V2", 60_380_648, 151],
  ["VGG16", 138_357_544, 0],
  ["VGG19", 143_667_240, 0],
  ["MobileNetV2", 3_538_984, 52],
  ["DenseNet121", 8_062_504, 121],
  ["DenseNet169", 14_307_880, 169],
  ["DenseNet201", 20_242_984, 201],
  ["EfficientNetB0", 5_330_571, 49],
  ["EfficientNetB1", 7_856_239, 69],
  ["EfficientNetB3", 12_320_535, 78],
  ["EfficientNetB7", 66_658_687, 163],
];

describe("keras.applications", () => {
  for (const [name, parameters, norms] of TOTALS) {
    it(`${name} has ${parameters} parameters`, () => {
      const graph = wholeGraph(`model = keras.applications.${name}()\n`);
      assert.equal(graph.parameters, parameters);
      assert.equal(batchNormLayers(graph).length, norms);
    });
  }
  it("stand where they are called, as parts of other models", () => {
    const graph = wholeGraph(
      python`
        from tensorflow.keras.applications.resnet50 import ResNet50
        base = ResNet50(weights='imagenet', include_top=False, input_shape=(224, 224, 3))
        base.trainable = False
        i = Input((224, 224, 3))
        x = base(i, training=False)
        x = layers.GlobalAveragePooling2D()(x)
        model = Model(i, layers.Dense(2)(x))
      `,
    );
    assert.equal(graph.parameters, 23_587_712 + 4098);
    assert.equal(rows(graph)[0], "resnet50/conv1_pad 230x230x3 0");
    assert.deepEqual(
      new Set(graph.layers.filter(({ name }) => name.startsWith("resnet50/")).map(({ range }) => range.startLine)),
      new Set([5]),
    );
  });
  it("take what preprocess_input makes", () => {
    const graph = wholeGraph(
      python`
        i = Input((160, 160, 3))
        x = keras.applications.mobilenet_v2.preprocess_input(layers.RandomFlip('horizontal')(i))
        base = keras.applications.MobileNetV2(include_top=False, input_shape=(160, 160, 3), pooling='avg')
        model = Model(i, layers.Dense(1)(base(x, training=False)))
      `,
    );
    assert.equal(graph.parameters, 2_257_984 + 1281);
  });
  it("continue from base.output", () => {
    const graph = wholeGraph(
      python`
        base = keras.applications.MobileNetV2(include_top=False, input_shape=(96, 96, 3), pooling='avg')
        model = Model(base.input, layers.Dense(2)(base.output))
      `,
    );
    assert.equal(graph.parameters, 2_257_984 + 2562);
    assert.deepEqual(graph.inputs[0]?.shape, [96, 96, 3]);
  });
  it("are said to be unknown where there is no description", () => {
    const reading = readKeras("model = Sequential([keras.applications.NASNetLarge(), layers.Dense(2)])\n");
    assert.equal(reading.graph?.parameters ?? null, null);
    assert.match(reading.unknowns.map(({ reason }) => reason).join(), /NASNetLarge/);
  });
});
