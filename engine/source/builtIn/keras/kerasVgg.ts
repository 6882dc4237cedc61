/** Simonyan and Zisserman 2015, as keras/src/applications/vgg16.py and vgg19.py build them. */
import { COMMON } from "./kerasCommon";

const FACTORIES = (
  [
    ["VGG16", [2, 2, 3, 3, 3]],
    ["VGG19", [2, 2, 4, 4, 4]],
  ] as const
).map(
  ([name, counts]) => `
def ${name}(include_top=True, weights="imagenet", input_tensor=None, input_shape=None, pooling=None,
        classes=1000, classifier_activation="softmax", name="${name.toLowerCase()}"):
    return build(${JSON.stringify(counts)}, name, include_top, input_tensor, input_shape, pooling, classes,
            classifier_activation)
`,
);

export const KERAS_VGG = `${COMMON}
def build(counts, name, include_top, input_tensor, input_shape, pooling, classes, classifier_activation):
    inputs = begin(input_shape, input_tensor, 224, include_top)
    x = inputs
    for stage, count in enumerate(counts):
        for i in range(count):
            x = layers.Conv2D(min(64 * 2 ** stage, 512), 3, activation="relu", padding="same",
                    name=f"block{stage + 1}_conv{i + 1}")(x)
        x = layers.MaxPooling2D(2, strides=2, name=f"block{stage + 1}_pool")(x)
    if include_top:
        x = layers.Flatten(name="flatten")(x)
        x = layers.Dense(4096, activation="relu", name="fc1")(x)
        x = layers.Dense(4096, activation="relu", name="fc2")(x)
        x = layers.Dense(classes, activation=classifier_activation, name="predictions")(x)
    else:
        x = pooled(x, pooling, None, None)
    return Model(inputs, x, name=name)
${FACTORIES.join("")}`;
