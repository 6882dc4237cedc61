"""A small residual network for CIFAR-10 in Keras.

NormLens reads Keras models too. It shows output shapes, samples per channel and findings, and does not train them.
"""

import keras
from keras import layers


def conv_bn(x, filters, kernel_size=3, strides=1):
    # A bias would have no effect: BN subtracts the batch mean.
    x = layers.Conv2D(filters, kernel_size, strides=strides, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


def residual(x, filters, strides=1):
    y = layers.Activation("relu")(conv_bn(x, filters, strides=strides))
    y = conv_bn(y, filters)
    if strides > 1:
        x = conv_bn(x, filters, kernel_size=1, strides=strides)
    return layers.Activation("relu")(layers.add([x, y]))


def build_model(input_shape=(32, 32, 3), classes=10):
    inputs = keras.Input(shape=input_shape)
    x = layers.Activation("relu")(conv_bn(inputs, 16))
    for filters, strides in [(16, 1), (32, 2), (64, 2)]:
        x = residual(x, filters, strides)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes)(x))


model = build_model()
