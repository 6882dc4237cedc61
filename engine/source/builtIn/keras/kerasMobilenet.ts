/**
 * Sandler et al. 2018 and Howard et al. 2017, as keras/src/applications/mobilenet_v2.py and mobilenet.py build them.
 */
import { COMMON } from "./kerasCommon";

export const KERAS_MOBILENET = `${COMMON}
def norm(name):
    return layers.BatchNormalization(axis=axis(), epsilon=1e-3, momentum=0.999, name=name)

def divisible(value):
    rounded = max(8, int(value + 4) // 8 * 8)
    if rounded < 0.9 * value:
        rounded += 8
    return rounded

def inverted(inputs, filters, alpha, stride, expansion, block_id):
    channels = inputs.shape[axis()]
    pointwise = divisible(int(filters * alpha))
    prefix = f"block_{block_id}_" if block_id else "expanded_conv_"
    x = inputs
    if block_id:
        x = layers.Conv2D(expansion * channels, 1, padding="same", use_bias=False, name=prefix + "expand")(x)
        x = layers.ReLU(6.0, name=prefix + "expand_relu")(norm(prefix + "expand_BN")(x))
    if stride == 2:
        x = layers.ZeroPadding2D(imagenet_utils.correct_pad(x, 3), name=prefix + "pad")(x)
    x = layers.DepthwiseConv2D(3, strides=stride, use_bias=False, padding="same" if stride == 1 else "valid",
            name=prefix + "depthwise")(x)
    x = layers.ReLU(6.0, name=prefix + "depthwise_relu")(norm(prefix + "depthwise_BN")(x))
    x = layers.Conv2D(pointwise, 1, padding="same", use_bias=False, name=prefix + "project")(x)
    x = norm(prefix + "project_BN")(x)
    if channels == pointwise and stride == 1:
        return layers.Add(name=prefix + "add")([inputs, x])
    return x

def MobileNetV2(input_shape=None, alpha=1.0, include_top=True, weights="imagenet", input_tensor=None,
        pooling=None, classes=1000, classifier_activation="softmax", name=None):
    inputs = begin(input_shape, input_tensor, 224, include_top)
    if name is None:
        name = f"mobilenetv2_{alpha:0.2f}_224"
    x = layers.Conv2D(divisible(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="Conv1")(inputs)
    x = layers.ReLU(6.0, name="Conv1_relu")(norm("bn_Conv1")(x))
    block_id = 0
    for expansion, filters, count, first in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6,
            96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(count):
            x = inverted(x, filters, alpha, first if i == 0 else 1, expansion, block_id)
            block_id += 1
    last = divisible(1280 * alpha) if alpha > 1.0 else 1280
    x = layers.Conv2D(last, 1, use_bias=False, name="Conv_1")(x)
    x = layers.ReLU(6.0, name="out_relu")(norm("Conv_1_bn")(x))
    if include_top:
        x = layers.GlobalAveragePooling2D()(x)
        x = layers.Dense(classes, activation=classifier_activation, name="predictions")(x)
    else:
        x = pooled(x, pooling, None, None)
    return Model(inputs, x, name=name)
`;
