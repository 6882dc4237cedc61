/** Tan and Le 2019, as keras/src/applications/efficientnet.py builds them. */
import { COMMON } from "./kerasCommon";

/** Width, depth and picture size of each. */
const SIZES = [
  [1.0, 1.0, 224, 0.2],
  [1.0, 1.1, 240, 0.2],
  [1.1, 1.2, 260, 0.3],
  [1.2, 1.4, 300, 0.3],
  [1.4, 1.8, 380, 0.4],
  [1.6, 2.2, 456, 0.4],
  [1.8, 2.6, 528, 0.5],
  [2.0, 3.1, 600, 0.5],
] as const;

const FACTORIES = SIZES.map(
  ([width, depth, size, dropout], number) => `
def EfficientNetB${number}(include_top=True, weights="imagenet", input_tensor=None, input_shape=None,
        pooling=None, classes=1000, classifier_activation="softmax", name="efficientnetb${number}", **kwargs):
    return build(${width}, ${depth}, ${size}, ${dropout}, weights, name, include_top, input_tensor,
            input_shape, pooling, classes, classifier_activation)
`,
);

export const KERAS_EFFICIENTNET = `${COMMON}
def activated(x, norm, activation):
    return layers.Activation("swish", name=activation)(layers.BatchNormalization(axis=axis(), name=norm)(x))

def block(inputs, name, kernel, filters_in, filters_out, expansion, stride, rate):
    filters = filters_in * expansion
    x = inputs
    if expansion != 1:
        x = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=name + "expand_conv")(x)
        x = activated(x, name + "expand_bn", name + "expand_activation")
    if stride == 2:
        x = layers.ZeroPadding2D(imagenet_utils.correct_pad(x, kernel), name=name + "dwconv_pad")(x)
    x = layers.DepthwiseConv2D(kernel, strides=stride, padding="valid" if stride == 2 else "same",
            use_bias=False, name=name + "dwconv")(x)
    x = activated(x, name + "bn", name + "activation")
    se = layers.GlobalAveragePooling2D(name=name + "se_squeeze")(x)
    se = layers.Reshape((filters, 1, 1) if axis() == 1 else (1, 1, filters), name=name + "se_reshape")(se)
    se = layers.Conv2D(max(1, int(filters_in * 0.25)), 1, padding="same", activation="swish",
            name=name + "se_reduce")(se)
    se = layers.Conv2D(filters, 1, padding="same", activation="sigmoid", name=name + "se_expand")(se)
    x = layers.multiply([x, se], name=name + "se_excite")
    x = layers.Conv2D(filters_out, 1, padding="same", use_bias=False, name=name + "project_conv")(x)
    x = layers.BatchNormalization(axis=axis(), name=name + "project_bn")(x)
    if stride == 1 and filters_in == filters_out:
        if rate > 0:
            x = layers.Dropout(rate, noise_shape=(None, 1, 1, 1), name=name + "drop")(x)
        x = layers.add([x, inputs], name=name + "add")
    return x

def build(width, depth, size, dropout, weights, name, include_top, input_tensor, input_shape, pooling, classes,
        classifier_activation):
    def wide(filters):
        scaled = filters * width
        rounded = max(8, int(scaled + 4) // 8 * 8)
        if rounded < 0.9 * scaled:
            rounded += 8
        return int(rounded)

    inputs = begin(input_shape, input_tensor, size, include_top)
    x = layers.Rescaling(1.0 / 255.0)(inputs)
    x = layers.Normalization(axis=axis())(x)
    if weights == "imagenet":
        x = layers.Rescaling(1.0)(x)
    x = layers.ZeroPadding2D(imagenet_utils.correct_pad(x, 3), name="stem_conv_pad")(x)
    x = layers.Conv2D(wide(32), 3, strides=2, use_bias=False, name="stem_conv")(x)
    x = activated(x, "stem_bn", "stem_activation")
    stages = [(3, 1, 32, 16, 1, 1), (3, 2, 16, 24, 6, 2), (5, 2, 24, 40, 6, 2), (3, 3, 40, 80, 6, 2), (5, 3,
            80, 112, 6, 1), (5, 4, 112, 192, 6, 2), (3, 1, 192, 320, 6, 1)]
    done = 0
    for i, (kernel, repeats, filters_in, filters_out, expansion, stride) in enumerate(stages):
        for j in range(int(math.ceil(depth * repeats))):
            label = f"block{i + 1}" + "abcdefghijklmnopqrstuvwxyz"[j] + "_"
            x = block(x, label, kernel, wide(filters_in if j == 0 else filters_out), wide(filters_out),
                    expansion, stride if j == 0 else 1, 0.2 * done)
            done += 1
    x = layers.Conv2D(wide(1280), 1, padding="same", use_bias=False, name="top_conv")(x)
    x = activated(x, "top_bn", "top_activation")
    if include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dropout(dropout, name="top_dropout")(x)
        x = layers.Dense(classes, activation=classifier_activation, name="predictions")(x)
    else:
        x = pooled(x, pooling)
    return Model(inputs, x, name=name)
${FACTORIES.join("")}`;
