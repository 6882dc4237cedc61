import { strict as assert } from "node:assert";
import { batchNormLayers } from "../../../../engine/protocol/modelGraph";
import { python } from "../../support/python";
import { readKeras, rows, wholeGraph } from "./helpers";

/** `shape parameters` of one layer of an image. */
function row(expression: string): string {
  const graph = wholeGraph(python`
    i = Input((8, 8, 3))
    model = Model(i, layers.${expression}(i))
  `);
  return rows(graph)[0]?.replace(/^\S+ /, "") ?? "";
}

describe("Keras 1's arguments", () => {
  for (const [old, today] of [
    ['Convolution2D(4, 3, 3, border_mode="same")', 'Conv2D(4, (3, 3), padding="same")'],
    ["Convolution2D(4, 3, 1, subsample=(2, 2))", "Conv2D(4, (3, 1), strides=(2, 2))"],
    ["Convolution2D(nb_filter=4, nb_row=3, nb_col=2, bias=False)", "Conv2D(4, (3, 2), use_bias=False)"],
    ['MaxPooling2D((2, 2), border_mode="same", dim_ordering="tf")', 'MaxPooling2D((2, 2), padding="same")'],
    ['Dense(output_dim=5, init="he_normal", bias=False)', "Dense(5, use_bias=False)"],
    ["Dropout(p=0.5)", "Dropout(0.5)"],
    ['BatchNormalization(mode=0, axis=-1, gamma_init="one")', "BatchNormalization(axis=-1)"],
  ] as const)
    it(`${old} is ${today}`, () => {
      assert.equal(row(old), row(today));
    });
  for (const [old, today] of [
    ['Conv3D(4, 3, 2, 1, border_mode="same")', 'Conv3D(4, (3, 2, 1), padding="same")'],
    ["Conv3D(4, 3, 3, 3)", "Conv3D(4, (3, 3, 3))"],
    ["Convolution3D(4, kernel_dim1=1, kernel_dim2=2, kernel_dim3=3)", "Conv3D(4, (1, 2, 3))"],
    ["Conv3D(4, 3, strides=2, padding='same')", "Conv3D(4, (3, 3, 3), (2, 2, 2), 'same')"],
  ] as const)
    it(`${old} is ${today}`, () => {
      const volume = (expression: string): string[] =>
        rows(
          wholeGraph(python`
            i = Input((8, 8, 8, 2))
            model = Model(i, layers.${expression}(i))
          `),
        ).map((line) => line.replace(/^\S+ /, ""));
      assert.deepEqual(volume(old), volume(today));
    });
  it("are those of Input, wherever older versions have it", () => {
    for (const path of ["keras.models", "keras.engine.topology", "tensorflow.keras.models", "keras.layers"]) {
      const graph = wholeGraph(python`
        from ${path} import Input as Begin
        i = Begin((8, 8, 3))
        model = Model(i, layers.BatchNormalization()(i))
      `);
      assert.equal(batchNormLayers(graph).length, 1, path);
    }
  });
  it("do not decide a third argument that may be a stride", () => {
    const { unknowns } = readKeras(python`
      i = Input((8, 8, 3))
      model = Model(i, layers.Conv2D(4, 3, 3)(i))
    `);
    assert.match(unknowns[0]?.reason ?? "", /may be a stride/);
  });
  it("decide it by a keyword that raised an error beside it", () => {
    for (const keyword of ['padding="same"', 'data_format="channels_last"'])
      assert.match(row(`Conv2D(4, 2, 2, ${keyword})`), /^4x4x4 /, keyword);
  });
  it("leave a mode that normalizes otherwise unknown", () => {
    const { graph, unknowns } = readKeras(python`
      i = Input((8, 8, 3))
      model = Model(i, layers.BatchNormalization(mode=2)(i))
    `);
    assert.deepEqual(graph === null ? null : batchNormLayers(graph), []);
    assert.match(unknowns[0]?.reason ?? "", /mode/);
  });
});

describe("A file that raises an error with channels_last", () => {
  const builder = (check: string): string => python`
    def build():
        shape = (1, 9, 7) if K.image_dim_ordering() == 'th' else (9, 7, 1)
        i = Input(shape)
        x = layers.BatchNormalization(axis=1 if K.image_dim_ordering() == 'th' else 3)(layers.Conv2D(4, 3)(i))
        model = Model(i, layers.GlobalAveragePooling2D()(x))
        ${check}
        return model
    model = build()
  `;
  const sizesOf = (check: string): string => {
    const { graph } = readKeras(`from keras import backend as K\n${builder(check)}`);
    return graph === null ? "none" : (rows(graph)[1] ?? "");
  };
  it("is read with channels_first", () => {
    for (const check of [
      "if K.image_dim_ordering() == 'tf':\n        raise RuntimeError('th only')",
      "if K.image_data_format() != 'channels_first':\n        raise RuntimeError",
      "assert K.image_dim_ordering() == 'th', 'th only'",
    ])
      assert.equal(sizesOf(check), "batch_normalization 4x7x5 16", check);
  });
  it("and any other file with channels_last", () => {
    for (const check of ["pass", "if K.image_dim_ordering() == 'th':\n        raise RuntimeError", "assert model"])
      assert.equal(sizesOf(check), "batch_normalization 7x5x4 16", check);
  });
});

describe("Keras 1's merge", () => {
  for (const [mode, channels] of [
    ["sum", 4],
    ["mul", 4],
    ["concat", 8],
  ] as const)
    it(`joins tensors: ${mode}`, () => {
      const graph = wholeGraph(python`
        from keras.layers import merge
        i = Input((8, 8, 3))
        x = layers.Conv2D(4, 1)(i)
        x = merge([x, layers.Activation("relu")(x)], mode="${mode}", concat_axis=-1)
        model = Model(i, layers.BatchNormalization()(x))
      `);
      assert.deepEqual(
        batchNormLayers(graph).map(({ op }) => op.numFeatures),
        [channels],
      );
    });
  it("of another mode is unknown", () => {
    const { graph } = readKeras(python`
      from keras.layers import merge
      i = Input((8, 8, 3))
      x = merge([i, i], mode=lambda pair: pair[0])
      model = Model(i, layers.BatchNormalization()(layers.Conv2D(4, 1)(x)))
    `);
    assert.ok(graph);
    assert.equal(graph.parameters, null);
    assert.equal(batchNormLayers(graph).length, 1);
  });
});
