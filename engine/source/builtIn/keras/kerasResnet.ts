/** He et al. 2015 and 2016, as keras/src/applications/resnet.py and resnet_v2.py build them. */
import { COMMON } from "./kerasCommon";

const V1 = { ResNet50: [3, 4, 6, 3], ResNet101: [3, 4, 23, 3], ResNet152: [3, 8, 36, 3] };

const ARGUMENTS =
  'include_top=True, weights="imagenet", input_tensor=None, input_shape=None, pooling=None, classes=1000, ' +
  'classifier_activation="softmax"';
const PASSED = "include_top, input_tensor, input_shape, pooling, classes, classifier_activation";

const FACTORIES = Object.entries(V1).map(
  ([name, blocks]) => `
def ${name}(${ARGUMENTS}, name="${name.toLowerCase()}", **kwargs):
    return build(${JSON.stringify(blocks)}, False, name, ${PASSED})

def ${name}V2(${ARGUMENTS}, name="${name.toLowerCase()}v2", **kwargs):
    return build(${JSON.stringify(blocks)}, True, name, ${PASSED})
`,
);

export const KERAS_RESNET = `${COMMON}
def norm(name):
    return layers.BatchNormalization(axis=axis(), epsilon=1.001e-5, name=name)

def block(x, filters, stride, projects, name):
    if projects:
        shortcut = norm(name + "_0_bn")(layers.Conv2D(4 * filters, 1, strides=stride, name=name + "_0_conv")(x))
    else:
        shortcut = x
    x = layers.Conv2D(filters, 1, strides=stride, name=name + "_1_conv")(x)
    x = layers.Activation("relu", name=name + "_1_relu")(norm(name + "_1_bn")(x))
    x = layers.Conv2D(filters, 3, padding="same", name=name + "_2_conv")(x)
    x = layers.Activation("relu", name=name + "_2_relu")(norm(name + "_2_bn")(x))
    x = norm(name + "_3_bn")(layers.Conv2D(4 * filters, 1, name=name + "_3_conv")(x))
    return layers.Activation("relu", name=name + "_out")(layers.Add(name=name + "_add")([shortcut, x]))

def block_v2(x, filters, stride, projects, name):
    preact = layers.Activation("relu", name=name + "_preact_relu")(norm(name + "_preact_bn")(x))
    if projects:
        shortcut = layers.Conv2D(4 * filters, 1, strides=stride, name=name + "_0_conv")(preact)
    else:
        shortcut = layers.MaxPooling2D(1, strides=stride)(x) if stride > 1 else x
    x = layers.Conv2D(filters, 1, use_bias=False, name=name + "_1_conv")(preact)
    x = layers.Activation("relu", name=name + "_1_relu")(norm(name + "_1_bn")(x))
    x = layers.ZeroPadding2D(((1, 1), (1, 1)), name=name + "_2_pad")(x)
    x = layers.Conv2D(filters, 3, strides=stride, use_bias=False, name=name + "_2_conv")(x)
    x = layers.Activation("relu", name=name + "_2_relu")(norm(name + "_2_bn")(x))
    x = layers.Conv2D(4 * filters, 1, name=name + "_3_conv")(x)
    return layers.Add(name=name + "_out")([shortcut, x])

def build(blocks, preact, name, include_top, input_tensor, input_shape, pooling, classes, classifier_activation):
    inputs = begin(input_shape, input_tensor, 224, include_top)
    x = layers.ZeroPadding2D(((3, 3), (3, 3)), name="conv1_pad")(inputs)
    x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    if not preact:
        x = layers.Activation("relu", name="conv1_relu")(norm("conv1_bn")(x))
    x = layers.ZeroPadding2D(((1, 1), (1, 1)), name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for stage, count in enumerate(blocks):
        for i in range(count):
            label = f"conv{stage + 2}_block{i + 1}"
            filters = 64 * 2 ** stage
            if preact:
                stride = 2 if i == count - 1 and stage < 3 else 1
                x = block_v2(x, filters, stride, i == 0, label)
            else:
                stride = 2 if i == 0 and stage > 0 else 1
                x = block(x, filters, stride, i == 0, label)
    if preact:
        x = layers.Activation("relu", name="post_relu")(norm("post_bn")(x))
    if include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dense(classes, activation=classifier_activation, name="predictions")(x)
    else:
        x = pooled(x, pooling)
    return Model(inputs, x, name=name)
${FACTORIES.join("")}`;
