import { strict as assert } from "node:assert";
import { layer, reasonsOf, readKeras } from "./helpers";
import { python } from "../../support/python";

/** Shapes and weights by the formulas on keras.io; counts include moving statistics, as `summary()` prints them. */
const CASES: readonly (readonly [expression: string, input: string, expected: string])[] = [
  ["Dense(10)", "(4,)", "10 50"],
  ["Dense(10, use_bias=False, activation='relu')", "(7, 4)", "7x10 40"],
  ["Conv2D(8, 3)", "(28, 28, 1)", "26x26x8 80"],
  ["Conv2D(8, (3, 5), strides=2, padding='same')", "(28, 27, 2)", "14x14x8 248"],
  ["Conv2D(8, 3, dilation_rate=2)", "(28, 28, 1)", "24x24x8 80"],
  ["Conv2D(8, 3, groups=2, use_bias=False)", "(8, 8, 4)", "6x6x8 144"],
  ["Conv2D(8, 3, data_format='channels_first')", "(1, 28, 20)", "8x26x18 80"],
  ["Convolution2D(8, 3)", "(28, 28, 1)", "26x26x8 80"],
  ["Conv1D(6, 5, padding='causal')", "(20, 3)", "20x6 96"],
  ["Conv3D(2, 3)", "(8, 8, 8, 1)", "6x6x6x2 56"],
  ["SeparableConv2D(16, 3, padding='same')", "(10, 10, 4)", "10x10x16 116"],
  ["DepthwiseConv2D(3, depth_multiplier=2)", "(10, 10, 4)", "8x8x8 80"],
  ["Conv2DTranspose(8, 4, strides=2, padding='same')", "(7, 7, 16)", "14x14x8 2056"],
  ["Conv2DTranspose(8, 5)", "(7, 7, 16)", "11x11x8 3208"],
  ["Conv2DTranspose(4, 2, strides=3)", "(5, 5, 1)", "15x15x4 20"],
  ["BatchNormalization()", "(8, 8, 6)", "8x8x6 24"],
  ["BatchNormalization(axis=1)", "(6, 8, 8)", "6x8x8 24"],
  ["BatchNormalization(scale=False)", "(8, 8, 6)", "8x8x6 18"],
  ["BatchNormalization(center=False, scale=False)", "(6,)", "6 12"],
  ["LayerNormalization()", "(8, 6)", "8x6 12"],
  ["GroupNormalization(groups=2)", "(8, 8, 6)", "8x8x6 12"],
  ["UnitNormalization()", "(6,)", "6 0"],
  ["Normalization()", "(32, 32, 3)", "32x32x3 7"],
  ["PReLU()", "(8, 8, 2)", "8x8x2 128"],
  ["PReLU(shared_axes=[1, 2])", "(8, 8, 2)", "8x8x2 2"],
  ["LeakyReLU(alpha=0.2)", "(8,)", "8 0"],
  ["Activation('tanh')", "(8,)", "8 0"],
  ["GaussianNoise(0.1)", "(8,)", "8 0"],
  ["SpatialDropout2D(0.1)", "(8, 8, 2)", "8x8x2 0"],
  ["Flatten()", "(4, 5, 6)", "120 0"],
  ["Reshape((-1, 6))", "(4, 5, 6)", "20x6 0"],
  ["Permute((2, 1))", "(4, 5)", "5x4 0"],
  ["RepeatVector(3)", "(4,)", "3x4 0"],
  ["MaxPooling2D()", "(7, 7, 2)", "3x3x2 0"],
  ["MaxPooling2D(3, strides=2, padding='same')", "(7, 7, 2)", "4x4x2 0"],
  ["AveragePooling1D(2)", "(9, 3)", "4x3 0"],
  ["GlobalAveragePooling2D()", "(7, 7, 2)", "2 0"],
  ["GlobalMaxPooling2D(keepdims=True)", "(7, 7, 2)", "1x1x2 0"],
  ["GlobalAveragePooling2D(data_format='channels_first')", "(2, 7, 7)", "2 0"],
  ["UpSampling2D((2, 3))", "(4, 4, 2)", "8x12x2 0"],
  ["ZeroPadding2D(((1, 2), (0, 3)))", "(4, 4, 2)", "7x7x2 0"],
  ["Cropping2D(((1, 0), (1, 1)))", "(4, 4, 2)", "3x2x2 0"],
  ["Embedding(100, 16)", "(20,)", "20x16 1600"],
  ["LSTM(32)", "(20, 8)", "32 5248"],
  ["LSTM(32, return_sequences=True)", "(20, 8)", "20x32 5248"],
  ["GRU(32)", "(20, 8)", "32 4032"],
  ["GRU(32, reset_after=False)", "(20, 8)", "32 3936"],
  ["SimpleRNN(32)", "(20, 8)", "32 1312"],
  ["Bidirectional(layers.LSTM(32))", "(20, 8)", "64 10496"],
  ["Rescaling(1.0 / 255)", "(8, 8, 3)", "8x8x3 0"],
  ["Resizing(16, 24)", "(8, 8, 3)", "16x24x3 0"],
  ["RandomFlip('horizontal')", "(8, 8, 3)", "8x8x3 0"],
];

describe("Keras layers", () => {
  for (const [expression, input, expected] of CASES) {
    it(`${expression} on ${input} gives ${expected}`, () => assert.equal(layer(expression, input), expected));
  }
  it("merge several inputs", () => {
    const merged = (expression: string): string => {
      const reading = readKeras(
        python`
          a = Input((4, 6))
          b = layers.Dense(6)(a)
          c = layers.${expression}([a, b])
          model = Model(a, c)
        `,
      );
      return reading.graph?.nodes.at(-1)?.outputShape?.join("x") ?? "?";
    };
    assert.equal(merged("Add()"), "4x6");
    assert.equal(merged("Concatenate()"), "4x12");
    assert.equal(merged("Concatenate(axis=1)"), "8x6");
    assert.equal(merged("Dot(axes=1)"), "6x6");
  });
  it("count attention's projections", () => {
    const reading = readKeras(
      python`
        a = Input((5, 8))
        model = Model(a, layers.MultiHeadAttention(num_heads=2, key_dim=3)(a, a))
      `,
    );
    // Three projections of 8 to 6 and one of 6 to 8, each with its bias.
    assert.equal(reading.graph?.parameters, 3 * (8 * 6 + 6) + 6 * 8 + 8);
  });
  it("say what Keras would refuse", () => {
    const model = (call: string): string => python`
      i = Input((8, 8, 3))
      x = ${call}(i)
      model = Model(i, x)
    `;
    assert.match(reasonsOf(model("layers.Conv2D(8, 9)"))[0] ?? "", /smaller than its kernel/);
    assert.match(reasonsOf(model("layers.Conv2D(8, 3, groups=2)"))[0] ?? "", /2 groups for 3 channels/);
    assert.match(reasonsOf(model("layers.Conv1D(8, 3)"))[0] ?? "", /takes 1 axes and the channels/);
    assert.match(
      reasonsOf(model("layers.Conv2D(8, 3, filtres=2)"))[0] ?? "",
      /has no argument filtres \(Keras raises a TypeError\)/,
    );
    assert.match(reasonsOf(model("layers.Reshape((5, 5))"))[0] ?? "", /makes 25 values from 192/);
  });
});
