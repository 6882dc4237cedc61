"""Writes torchLayers.json: what PyTorch itself makes of many constructor calls, one setting changed at a time.

Run with a Python that has torch 2:  python3 test/golden/layers/torchLayers.py
Each row is `[call, input, parameters, output]`; sizes are without the batch axis. `forward` of a call is `self.layer(x)`,
the first of several results. What PyTorch refuses is left out.
"""

import itertools
import json
import pathlib
import random
import warnings

import torch
from torch import nn

warnings.simplefilter("ignore")
random.seed(5)


def conv(dims):
    size = lambda value: repr((value,) * dims)
    return {
        "stride": ["2", size(2)],
        "padding": ["1", size(2), "'same'", "'valid'"],
        "dilation": ["2", size(2)],
        "groups": ["2"],
        "bias": ["False"],
        "padding_mode": ["'circular'", "'reflect'"],
    }


def transposed(dims):
    size = lambda value: repr((value,) * dims)
    return {
        "stride": ["2", size(3)],
        "padding": ["1", size(1)],
        "output_padding": ["1"],
        "groups": ["2"],
        "bias": ["False"],
        "dilation": ["2"],
    }


def pool(dims, maximum):
    size = lambda value: repr((value,) * dims)
    settings = {"stride": ["2", size(1)], "padding": ["1", size(1)], "ceil_mode": ["True"]}
    return settings | ({"dilation": ["2"], "return_indices": ["True"]} if maximum else {"count_include_pad": ["False"]})


NORM = {"eps": ["1e-3"], "momentum": ["0.01", "None"], "affine": ["False", "True"], "track_running_stats": ["False"]}
RECURRENT = {
    "num_layers": ["2", "3"],
    "bias": ["False"],
    "batch_first": ["True"],
    "dropout": ["0.1"],
    "bidirectional": ["True"],
}
BLOCK = {
    "dim_feedforward": ["12"],
    "dropout": ["0.0"],
    "activation": ["'gelu'", "nn.functional.gelu"],
    "batch_first": ["True"],
    "norm_first": ["True"],
    "bias": ["False"],
}
SPACE = {1: [9], 2: [9, 8], 3: [6, 7, 8]}
ATTENTION = {
    "dropout": ["0.1"],
    "bias": ["False"],
    "add_bias_kv": ["True"],
    "add_zero_attn": ["True"],
    "batch_first": ["True"],
}


def cases():
    """Class, required arguments by name, settings, input."""
    for dims in (1, 2, 3):
        image = [4, *SPACE[dims]]
        needed = {"in_channels": "4", "out_channels": "6", "kernel_size": "3"}
        yield f"Conv{dims}d", needed, conv(dims), image
        yield f"Conv{dims}d", needed | {"kernel_size": repr(tuple(range(2, 2 + dims)))}, conv(dims), image
        yield f"ConvTranspose{dims}d", needed, transposed(dims), image
        yield f"MaxPool{dims}d", {"kernel_size": "3"}, pool(dims, True), image
        yield f"AvgPool{dims}d", {"kernel_size": "3"}, pool(dims, False), image
        yield f"LPPool{dims}d", {"norm_type": "2", "kernel_size": "2"}, {"stride": ["1"], "ceil_mode": ["True"]}, image
        for kind in ("Avg", "Max"):
            for size in ("1", "3", repr((2,) * dims), repr((None,) * dims)):
                yield f"Adaptive{kind}Pool{dims}d", {"output_size": size}, {}, image
        yield f"BatchNorm{dims}d", {"num_features": "4"}, NORM, image
        yield f"InstanceNorm{dims}d", {"num_features": "4"}, NORM, image
        for kind in ("Zero", "Reflection", "Replication", "Circular"):
            for amount in ("1", repr(tuple(range(1, 2 * dims + 1))[:2] * dims)):
                yield f"{kind}Pad{dims}d", {"padding": amount}, {}, image
        yield f"ConstantPad{dims}d", {"padding": "2", "value": "1.5"}, {}, image
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[dims]
        yield "Upsample", {"scale_factor": "2"}, {"mode": [f"'{mode}'", "'nearest-exact'"]}, image
        yield "Upsample", {"size": repr((5,) * dims)}, {"mode": [f"'{mode}'"]}, image
        yield f"Dropout{dims}d", {}, {"p": ["0.2"], "inplace": ["True"]}, image
    yield "BatchNorm1d", {"num_features": "4"}, NORM, [4]
    yield "GroupNorm", {"num_groups": "2", "num_channels": "4"}, {"eps": ["1e-3"], "affine": ["False"]}, [4, 5, 5]
    for shape in ("6", "[5, 6]", "(6,)"):
        settings = {"eps": ["1e-3"], "elementwise_affine": ["False"], "bias": ["False"]}
        yield "LayerNorm", {"normalized_shape": shape}, settings, [4, 5, 6]
        yield "RMSNorm", {"normalized_shape": shape}, {"eps": ["1e-3"], "elementwise_affine": ["False"]}, [4, 5, 6]
    yield "LocalResponseNorm", {"size": "2"}, {"alpha": ["0.1"]}, [4, 5, 5]
    yield "Linear", {"in_features": "6", "out_features": "3"}, {"bias": ["False"]}, [4, 6]
    yield "Bilinear", {"in1_features": "6", "in2_features": "6", "out_features": "3"}, {"bias": ["False"]}, [6]
    yield "Flatten", {}, {"start_dim": ["2"], "end_dim": ["2", "-2"]}, [4, 5, 6]
    yield "Unflatten", {"dim": "1", "unflattened_size": "(2, 3)"}, {}, [6]
    yield "Unflatten", {"dim": "1", "unflattened_size": "(2, 2)"}, {}, [4, 3]
    yield "Identity", {}, {}, [4, 5]
    for name in ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid"):
        yield name, {}, {"inplace": ["True"]}, [4, 5]
    for name in ("Sigmoid", "Tanh", "LogSigmoid", "Softsign", "Tanhshrink", "Hardshrink", "Softshrink"):
        yield name, {}, {}, [4, 5]
    yield "ELU", {}, {"alpha": ["0.5"], "inplace": ["True"]}, [4, 5]
    yield "CELU", {}, {"alpha": ["0.5"]}, [4, 5]
    yield "GELU", {}, {"approximate": ["'tanh'"]}, [4, 5]
    yield "LeakyReLU", {}, {"negative_slope": ["0.2"], "inplace": ["True"]}, [4, 5]
    yield "PReLU", {}, {"num_parameters": ["4"], "init": ["0.1"]}, [4, 5]
    yield "Hardtanh", {}, {"min_val": ["-2"], "max_val": ["2"], "inplace": ["True"]}, [4, 5]
    yield "Softplus", {}, {"beta": ["2"], "threshold": ["10"]}, [4, 5]
    yield "Threshold", {"threshold": "0.1", "value": "2"}, {}, [4, 5]
    yield "RReLU", {}, {"lower": ["0.1"]}, [4, 5]
    yield "GLU", {}, {"dim": ["1", "2", "-2"]}, [4, 6]
    for name in ("Softmax", "LogSoftmax", "Softmin"):
        yield name, {"dim": "1"}, {}, [4, 5]
    yield "Softmax2d", {}, {}, [4, 5, 5]
    for name in ("Dropout", "AlphaDropout", "FeatureAlphaDropout"):
        yield name, {}, {"p": ["0.2"]}, [4, 5]
    yield "PixelShuffle", {"upscale_factor": "2"}, {}, [4, 3, 3]
    yield "PixelUnshuffle", {"downscale_factor": "2"}, {}, [2, 4, 4]
    yield "ChannelShuffle", {"groups": "2"}, {}, [4, 3, 3]
    yield "UpsamplingNearest2d", {"scale_factor": "2"}, {}, [4, 3, 3]
    yield "UpsamplingBilinear2d", {"size": "(4, 5)"}, {}, [4, 3, 3]
    yield "Unfold", {"kernel_size": "2"}, {"stride": ["2"], "padding": ["1"], "dilation": ["2"]}, [4, 6, 6]
    for name in ("LSTM", "GRU", "RNN"):
        extra = {"LSTM": {"proj_size": ["3"]}, "RNN": {"nonlinearity": ["'relu'"]}}.get(name, {})
        yield name, {"input_size": "6", "hidden_size": "5"}, RECURRENT | extra, [4, 6]
        yield f"{name}Cell", {"input_size": "6", "hidden_size": "5"}, {"bias": ["False"]}, [6]
    yield "Embedding", {"num_embeddings": "7", "embedding_dim": "3"}, {"padding_idx": ["0"], "max_norm": ["1.0"]}, None
    yield "EmbeddingBag", {"num_embeddings": "7", "embedding_dim": "3"}, {"mode": ["'sum'"]}, None
    yield "MultiheadAttention", {"embed_dim": "8", "num_heads": "2"}, ATTENTION, [4, 8]
    yield "MultiheadAttention", {"embed_dim": "8", "num_heads": "2", "kdim": "6"}, ATTENTION | {"vdim": ["4"]}, None
    yield "MultiheadAttention", {"embed_dim": "8", "num_heads": "2", "vdim": "8"}, ATTENTION | {"kdim": ["8"]}, None
    yield "TransformerEncoderLayer", {"d_model": "8", "nhead": "2"}, BLOCK, [4, 8]
    yield "TransformerDecoderLayer", {"d_model": "8", "nhead": "2"}, BLOCK, None
    layer = "nn.TransformerEncoderLayer(8, 2, 16)"
    stack = {"encoder_layer": layer, "num_layers": "3"}
    yield "TransformerEncoder", stack, {"norm": ["nn.LayerNorm(8)"], "enable_nested_tensor": ["False"]}, [4, 8]
    stack = {"decoder_layer": "nn.TransformerDecoderLayer(8, 2, bias=False)", "num_layers": "2"}
    yield "TransformerDecoder", stack, {"norm": ["nn.LayerNorm(8)"]}, None
    counts = {"num_encoder_layers": ["1"], "num_decoder_layers": ["3"], "bias": ["False"], "dim_feedforward": ["10"]}
    yield "Transformer", {"d_model": "8", "nhead": "2"}, counts, None
    for name in ("CrossEntropyLoss", "MSELoss", "SmoothL1Loss", "BCEWithLogitsLoss"):
        yield name, {}, {"reduction": ["'sum'"]}, None


def spellings(needed, settings):
    """The required arguments by position and by name, with no, one and two settings."""
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
        if index % 3 == 0:
            yield ", ".join([*keywords, *by_name])


def first_of(value):
    while isinstance(value, tuple):
        value = value[0]
    return value


def row(call, shape):
    layer = eval(call)  # from our own table
    parameters = sum(parameter.numel() for parameter in layer.parameters())
    if shape is None:
        return [call, None, parameters, None]
    values = torch.rand(2, *shape)
    inputs = 3 if "MultiheadAttention" in call else 2 if "Bilinear" in call else 1
    return [call, shape, parameters, list(first_of(layer(*[values] * inputs)).shape[1:])]


SIZES = ["2, 3", "(2, 3)", "[4]", "5", "size=(2, 3)", "size=[4, 1]", "()", "2, 3, dtype=torch.float64", "*(2, 3)"]
MAKERS = [
    *(f"torch.{name}({size})" for name in ("zeros", "ones", "empty", "rand", "randn") for size in SIZES),
    *(f"torch.{name}" for name in ("full((2, 3), 1.0)", "full(size=(4,), fill_value=2.0)", "eye(3)", "eye(3, 4)")),
    *(f"torch.{name}" for name in ("eye(n=2, m=5)", "normal(0.0, 1.0, (2, 5))", "normal(0.0, 1.0, size=(2, 5))")),
    *(f"torch.{kind}Tensor({size})" for kind in ("", "Float", "Double") for size in ("2, 3", "[1.0, 2.0]", "[[1.0], [2.0]]", "4")),
    *(f"torch.{name}(torch.zeros(3, 2))" for name in ("zeros_like", "ones_like", "rand_like", "randn_like", "empty_like")),
    "torch.full_like(torch.zeros(3, 2), 4.0)",
    *(f"torch.{name}({data})" for name in ("tensor", "as_tensor") for data in ("[1.0, 2.0]", "[[1.0, 2.0, 3.0]]", "2.5", "[[[1.0]]]")),
    "torch.linspace(0, 1, 7)",
    "torch.linspace(0, 1, steps=4)",
    "torch.arange(6.0)",
    "torch.arange(1.0, 6.0, 2.0)",
    "torch.randn(2, 3) * 0.02",
    "0.5 + torch.zeros(4)",
    "torch.zeros(4) + torch.zeros(3, 1)",
    "torch.zeros(1, 4) * torch.ones(3, 1)",
    "torch.zeros(2, 3).unsqueeze(0)",
    "torch.zeros(2, 3).t()",
    "torch.zeros(6).view(2, 3)",
    "torch.zeros(2, 3).repeat(2, 2)",
    "torch.zeros(2, 3).new_zeros(5)",
    "torch.zeros(2, 3).new_full((4, 2), 1.0)",
    "torch.zeros(2, 3)[0]",
    "torch.zeros(2, 3)[:, :2]",
    "torch.zeros(2, 3).normal_(0, 0.1)",
    "torch.zeros(6).resize_(8)",
    "torch.zeros(2, 3).sum(0)",
    "torch.cat([torch.zeros(2, 3), torch.zeros(1, 3)])",
    "torch.stack([torch.zeros(2, 3), torch.zeros(2, 3)])",
    "torch.zeros(2, 3) @ torch.zeros(3, 5)",
    "torch.zeros(2, 3).reshape(-1)",
    "torch.zeros(2, 3).flatten()",
    "torch.zeros(1, 3).expand(4, 3).clone()",
    "torch.zeros(2, 1, 3).squeeze(1)",
    "torch.zeros(2, 3).permute(1, 0)",
    "torch.zeros(2, 3).float()",
    "torch.zeros(2, 3).to(torch.float64)",
    "torch.linspace(0, 1, 5).unsqueeze(1)",
    "torch.arange(4.0).view(2, 2)",
    "torch.zeros(4).exp()",
    "torch.exp(torch.zeros(4, 2))",
    "torch.zeros(4, 2).max(dim=1)[0]",
    "torch.triu(torch.ones(3, 3))",
    "torch.zeros(3).diag()",
    "torch.zeros(8, 2).chunk(2)[0]",
]


def maker(call):
    return [call, list(nn.Parameter(eval(call)).shape)]  # from our own table


def unique(rows):
    return list({row[0]: row for row in rows}.values())


def kept(make, *args):
    """None where PyTorch refuses the call."""
    try:
        return make(*args)
    except Exception:
        return None


def main():
    layers = [
        kept(row, f"nn.{name}({arguments})", shape)
        for name, needed, settings, shape in cases()
        for arguments in spellings(needed, settings)
    ]
    makers = [kept(maker, call) for call in MAKERS]
    lines = lambda rows: ",\n".join(json.dumps(row) for row in unique(filter(None, rows)))
    text = f'{{"torch": "{torch.__version__.split("+")[0]}",\n"layers": [\n{lines(layers)}\n],\n"makers": [\n{lines(makers)}\n]}}\n'
    pathlib.Path(__file__).with_suffix(".json").write_text(text)


main()
