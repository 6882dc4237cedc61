/** Huang et al. 2017, as keras/src/applications/densenet.py builds them. */
import { COMMON } from "./kerasCommon";

const FACTORIES = (
  [
    ["DenseNet121", [6, 12, 24, 16]],
    ["DenseNet169", [6, 12, 32, 32]],
    ["DenseNet201", [6, 12, 48, 32]],
  ] as const
).map(
  ([name, blocks]) => `
def ${name}(include_top=True, weights="imagenet", input_tensor=None, input_shape=None, pooling=None,
        classes=1000, classifier_activation="softmax", name="${name.toLowerCase()}"):
    return build(${JSON.stringify(blocks)}, name, include_top, input_tensor, input_shape, pooling, classes,
            classifier_activation)
`,
);

export const KERAS_DENSENET = `${COMMON}
def activated(x, norm, relu):
    x = layers.BatchNormalization(axis=axis(), epsilon=1.001e-5, name=norm)(x)
    return layers.Activation("relu", name=relu)(x)

def build(blocks, name, include_top, input_tensor, input_shape, pooling, classes, classifier_activation):
    inputs = begin(input_shape, input_tensor, 224, include_top)
    x = layers.ZeroPadding2D(((3, 3), (3, 3)))(inputs)
    x = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = activated(x, "conv1_bn", "conv1_relu")
    x = layers.ZeroPadding2D(((1, 1), (1, 1)))(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    for stage, count in enumerate(blocks):
        for i in range(count):
            label = f"conv{stage + 2}_block{i + 1}"
            y = activated(x, label + "_0_bn", label + "_0_relu")
            y = layers.Conv2D(128, 1, use_bias=False, name=label + "_1_conv")(y)
            y = activated(y, label + "_1_bn", label + "_1_relu")
            y = layers.Conv2D(32, 3, padding="same", use_bias=False, name=label + "_2_conv")(y)
            x = layers.Concatenate(axis=axis(), name=label + "_concat")([x, y])
        if stage < 3:
            label = f"pool{stage + 2}"
            x = activated(x, label + "_bn", label + "_relu")
            x = layers.Conv2D(int(x.shape[axis()] * 0.5), 1, use_bias=False, name=label + "_conv")(x)
            x = layers.AveragePooling2D(2, strides=2, name=label + "_pool")(x)
    x = activated(x, "bn", "relu")
    if include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dense(classes, activation=classifier_activation, name="predictions")(x)
    else:
        x = pooled(x, pooling)
    return Model(inputs, x, name=name)
${FACTORIES.join("")}`;
