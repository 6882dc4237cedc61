/** What the descriptions of keras.applications have in common: where their input comes from, and how they end. */
export const COMMON = `
import math
from keras import layers, Model, Input
from keras import backend
from keras.applications import imagenet_utils

def begin(input_shape, input_tensor, size, include_top):
    if input_tensor is not None:
        return input_tensor
    return Input(shape=imagenet_utils.obtain_input_shape(input_shape, default_size=size, require_flatten=include_top))

def axis():
    return 1 if backend.image_data_format() == "channels_first" else -1

def pooled(x, pooling, average="avg_pool", maximum="max_pool"):
    if pooling == "avg":
        return layers.GlobalAveragePooling2D(name=average)(x)
    if pooling == "max":
        return layers.GlobalMaxPooling2D(name=maximum)(x)
    return x
`;
