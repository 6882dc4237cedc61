"""Writes kerasLayers.json: what Keras itself makes of many constructor calls, one setting changed at a time.

Run with a Python that has keras 3 and a backend:  KERAS_BACKEND=jax python3 test/golden/layers/kerasLayers.py
Each row is `[call, input, parameters, output]`; sizes are without the batch axis, parameters are `count_params()`.
What Keras refuses is left out.
"""

import itertools
import json
import pathlib
import random

import keras
from keras import layers

random.seed(7)
SPACE = {1: [9], 2: [9, 8], 3: [6, 7, 8]}
NORM = {"epsilon": ["0.01"], "center": ["False"], "scale": ["False"], "axis": ["1", "-1"]}
RECURRENT = {
    "use_bias": ["False"],
    "return_sequences": ["True"],
    "return_state": ["True"],
    "go_backwards": ["True"],
    "dropout": ["0.1"],
    "activation": ["'relu'"],
}


def conv(dims):
    size = lambda value: repr((value,) * dims)
    return {
        "strides": ["2", size(2)],
        "padding": ["'same'", "'SAME'"] + (["'causal'"] if dims == 1 else []),
        "data_format": ["'channels_first'"],
        "dilation_rate": ["2", size(2)],
        "activation": ["'relu'", "keras.activations.tanh"],
        "use_bias": ["False"],
    }


def cases():
    """Class, required arguments by name, settings, input."""
    for dims in (1, 2, 3):
        image = [*SPACE[dims], 4]
        needed = {"filters": "6", "kernel_size": "3"}
        yield f"Conv{dims}D", needed, conv(dims) | {"groups": ["2"]}, image
        yield f"Conv{dims}D", needed | {"kernel_size": repr(tuple(range(2, 2 + dims)))}, conv(dims), image
        yield f"Conv{dims}DTranspose", needed, conv(dims) | {"output_padding": ["1"]}, image
        pool = {"pool_size": ["3"], "strides": ["1"], "padding": ["'same'"], "data_format": ["'channels_first'"]}
        for kind in ("Max", "Average"):
            yield f"{kind}Pooling{dims}D", {}, pool, image
            settings = {"keepdims": ["True"], "data_format": ["'channels_first'"]}
            yield f"Global{kind}Pooling{dims}D", {}, settings, image
        pairs = repr(((1, 2),) * dims) if dims > 1 else "(1, 2)"
        yield f"ZeroPadding{dims}D", {}, {"padding": ["2", pairs]}, image
        yield f"Cropping{dims}D", {}, {"cropping": ["1", pairs]}, image
        yield f"UpSampling{dims}D", {}, {"size": ["3"]}, image
        yield f"SpatialDropout{dims}D", {"rate": "0.2"}, {}, image
        if dims < 3:
            extra = {"depth_multiplier": ["2"]}
            yield f"SeparableConv{dims}D", needed, conv(dims) | extra, image
            yield f"DepthwiseConv{dims}D", {"kernel_size": "3"}, conv(dims) | extra, image
            settings = {"return_sequences": ["True"], "padding": ["'same'"], "use_bias": ["False"], "strides": ["2"]}
            settings |= {"return_state": ["True"], "data_format": ["'channels_first'"]}
            yield f"ConvLSTM{dims}D", needed, settings, [5, *image]
        yield "BatchNormalization", {}, NORM | {"momentum": ["0.9"], "synchronized": ["True"]}, image
        yield "LayerNormalization", {}, NORM | {"axis": ["1", "[1, 2]"]}, image
    yield "BatchNormalization", {}, NORM | {"momentum": ["0.9"]}, [4]
    yield "GroupNormalization", {"groups": "2"}, NORM, [5, 6, 4]
    yield "UnitNormalization", {}, {}, [4]
    yield "RMSNormalization", {}, {"axis": ["1"]}, [3, 4]
    yield "Dense", {"units": "5"}, {"activation": ["'relu'"], "use_bias": ["False"]}, [4]
    yield "Dense", {"units": "5"}, {"use_bias": ["False"]}, [3, 4]
    yield "Embedding", {"input_dim": "7", "output_dim": "3"}, {"mask_zero": ["True"]}, [4]
    for name in ("Flatten", "Identity", "ReLU", "ELU", "LeakyReLU", "Softmax"):
        yield name, {}, {}, [3, 4]
    yield "ReLU", {}, {"max_value": ["6.0"], "negative_slope": ["0.1"], "threshold": ["0.2"]}, [3, 4]
    yield "LeakyReLU", {}, {"negative_slope": ["0.1"]}, [3, 4]
    yield "PReLU", {}, {"shared_axes": ["[1]", "[1, 2]"]}, [3, 5, 4]
    yield "Activation", {"activation": "'relu'"}, {}, [3, 4]
    yield "Reshape", {"target_shape": "(2, -1)"}, {}, [3, 4]
    yield "Reshape", {"target_shape": "(6, 2)"}, {}, [3, 4]
    yield "Permute", {"dims": "(2, 1)"}, {}, [3, 4]
    yield "RepeatVector", {"n": "3"}, {}, [4]
    yield "Masking", {}, {"mask_value": ["1.0"]}, [3, 4]
    for name in ("Dropout", "AlphaDropout", "GaussianDropout"):
        yield name, {"rate": "0.2"}, {"seed": ["1"]}, [4]
    yield "GaussianNoise", {"stddev": "0.2"}, {}, [4]
    for name in ("LSTM", "GRU", "SimpleRNN"):
        extra = {"GRU": {"reset_after": ["False"]}, "LSTM": {"unit_forget_bias": ["False"]}}.get(name, {})
        yield name, {"units": "5"}, RECURRENT | extra, [6, 4]
        for merge in ("'concat'", "'sum'", "'ave'"):
            wrapped = f"layers.{name}(5, return_sequences=True)"
            yield "Bidirectional", {"layer": wrapped}, {"merge_mode": [merge]}, [6, 4]
        yield "Bidirectional", {"layer": f"layers.{name}(5)"}, {}, [6, 4]
    for inner in ("Dense(3)", "BatchNormalization()", "Flatten()", "Conv1D(3, 2)", "LSTM(3)", "Embedding(9, 2)"):
        yield "TimeDistributed", {"layer": f"layers.{inner}"}, {}, [5, 6, 4]
    yield "Rescaling", {"scale": "0.1"}, {"offset": ["1.0"]}, [4]
    yield "Resizing", {"height": "5", "width": "6"}, {}, [8, 8, 3]
    yield "CenterCrop", {"height": "5", "width": "6"}, {}, [8, 8, 3]
    for name in ("RandomFlip",):
        yield name, {}, {}, [8, 8, 3]
    for name in ("RandomRotation", "RandomContrast", "RandomBrightness"):
        yield name, {"factor": "0.1"}, {}, [8, 8, 3]
    settings = {"value_dim": ["3"], "use_bias": ["False"], "output_shape": ["6"], "dropout": ["0.1"]}
    yield "MultiHeadAttention", {"num_heads": "2", "key_dim": "4"}, settings, [5, 8]
    yield "Attention", {}, {"use_scale": ["True"], "score_mode": ["'concat'"]}, [5, 8]
    yield "AdditiveAttention", {}, {"use_scale": ["False"]}, [5, 8]
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"):
        yield name, {}, {}, [5, 8]
    yield "Concatenate", {}, {"axis": ["1", "-1"]}, [5, 8]
    yield "Dot", {"axes": "2"}, {"normalize": ["True"]}, [5, 8]


def spellings(needed, settings):
    names = list(settings)
    chosen = [()] + [((name, value),) for name in names for value in settings[name]]
    pairs = [
        ((a, random.choice(settings[a])), (b, random.choice(settings[b]))) for a, b in itertools.combinations(names, 2)
    ]
    chosen += random.sample(pairs, min(len(pairs), 8))
    for index, extra in enumerate(chosen):
        keywords = [f"{name}={value}" for name, value in extra]
        by_name = [f"{name}={value}" for name, value in needed.items()]
        random.shuffle(by_name)
        yield ", ".join([*needed.values(), *keywords])
        if index % 3 == 0 and needed:
            yield ", ".join([*keywords, *by_name])


PAIRED = ("Add(", "Subtract(", "Multiply(", "Average(", "Maximum(", "Minimum(", "Concatenate(", "Dot(", "Attention(", "AdditiveAttention(")


def first_of(value):
    return value[0] if isinstance(value, (list, tuple)) else value


def row(call, shape):
    x = keras.Input(shape)
    layer = eval(call)  # from our own table
    inputs = (x, x) if "MultiHead" in call else ([x, x],) if call[7:].startswith(PAIRED) else (x,)
    output = first_of(layer(*inputs))
    return [call, shape, layer.count_params(), list(output.shape[1:])]


def kept(call, shape):
    """None where Keras refuses the call, or leaves a size open."""
    try:
        found = row(call, shape)
        return None if None in found[3] else found
    except Exception:
        return None


def main():
    rows = [
        kept(f"layers.{name}({arguments})", shape)
        for name, needed, settings, shape in cases()
        for arguments in spellings(needed, settings)
    ]
    unique = {json.dumps(found[:2]): json.dumps(found) for found in rows if found is not None}
    text = f'{{"keras": "{keras.__version__}",\n"layers": [\n' + ",\n".join(unique.values()) + "\n]}\n"
    pathlib.Path(__file__).with_suffix(".json").write_text(text)


main()
