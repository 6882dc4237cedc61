#!/usr/bin/env python3
"""Writes expected.json: what PyTorch computes, in float64, for the cases of engine.test.ts.

Every case is a chain of layers with all values float32-exact at the start, so that only the engine's own rounding is
measured. Recorded: every layer's output and its gradient, parameter gradients, running statistics after several
updates, evaluation-mode outputs, and parameters after a few optimizer steps.

Run with PyTorch installed (made with Debian 12's python3-torch, 1.13): python3 expected.py
"""

import base64
import json
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(7)


def linear(i, o, bias=True):
    return {"kind": "linear", "inFeatures": i, "outFeatures": o, "bias": bias}, nn.Linear(i, o, bias)


def conv(i, o, kernel, stride=(1, 1), padding=(0, 0), bias=True):
    op = {
        "kind": "conv2d",
        "inChannels": i,
        "outChannels": o,
        "kernelSize": kernel,
        "stride": stride,
        "padding": padding,
        "dilation": (1, 1),
        "groups": 1,
        "bias": bias,
    }
    return op, nn.Conv2d(i, o, kernel, stride, padding, bias=bias)


def bn(dims, n, momentum=0.1, eps=1e-5, affine=True):
    op = {
        "kind": "batchNorm",
        "spatialDims": dims,
        "numFeatures": n,
        "epsilon": eps,
        "runningStatsUpdateWeight": momentum,
        "affine": affine,
        "trackRunningStats": True,
        "runningVarianceEstimator": "unbiased",
    }
    return op, (nn.BatchNorm2d if dims == 2 else nn.BatchNorm1d)(n, eps, momentum, affine)


def relu():
    return {"kind": "activation", "function": "relu"}, nn.ReLU()


def sigmoid():
    return {"kind": "activation", "function": "sigmoid"}, nn.Sigmoid()


def maxpool(kernel, stride, padding=(0, 0)):
    op = {
        "kind": "maxPool2d",
        "kernelSize": kernel,
        "stride": stride,
        "padding": padding,
        "dilation": (1, 1),
        "ceilMode": False,
    }
    return op, nn.MaxPool2d(kernel, stride, padding)


def avgpool(size):
    return {"kind": "adaptiveAvgPool2d", "outputSize": size}, nn.AdaptiveAvgPool2d(size)


def flatten():
    return {"kind": "flatten", "startDim": 1, "endDim": -1}, nn.Flatten()


# name -> (input shape without batch, batch, layers, optimizer). The first layer is there to have an input gradient
# behind it.
CASES = {
    "linear with and without bias": ([13], 6, [linear(13, 21), linear(21, 9, bias=False), linear(9, 5)], "sgd"),
    "wide linear": ([70], 19, [linear(70, 67), relu(), linear(67, 33), sigmoid(), linear(33, 10)], "momentum"),
    "conv 3x3": (
        [3, 9, 7],
        4,
        [
            conv(3, 10, (3, 3), padding=(1, 1)),
            conv(10, 18, (3, 3), padding=(1, 1)),
            avgpool((2, 2)),
            flatten(),
            linear(72, 4),
        ],
        "sgd",
    ),
    "conv stride 2": (
        [1, 11, 12],
        3,
        [conv(1, 8, (3, 3), (2, 2), (1, 1)), conv(8, 9, (3, 3), (2, 2), (1, 1), bias=False), flatten(), linear(81, 5)],
        "sgd",
    ),
    "conv 5x5 valid": (
        [2, 12, 12],
        3,
        [conv(2, 6, (5, 5)), relu(), conv(6, 5, (5, 5)), flatten(), linear(80, 3)],
        "sgd",
    ),
    "conv uneven": (
        [3, 10, 13],
        3,
        [
            conv(3, 5, (1, 1)),
            conv(5, 7, (3, 5), (2, 1), (1, 2)),
            conv(7, 6, (2, 3), (1, 2), (0, 1)),
            flatten(),
            linear(6 * 4 * 7, 4),
        ],
        "adam",
    ),
    "conv kernel smaller than stride": (
        [4, 9, 9],
        3,
        [
            conv(4, 6, (1, 1)),
            conv(6, 12, (1, 1), (2, 2), bias=False),
            conv(12, 5, (2, 2), (3, 3)),
            flatten(),
            linear(20, 3),
        ],
        "sgd",
    ),
    "bn features": (
        [11],
        8,
        [linear(11, 14), bn(None, 14), linear(14, 6), bn(None, 6, momentum=0.3, eps=1e-3), sigmoid(), linear(6, 4)],
        "sgd",
    ),
    "bn without affine": ([5], 7, [linear(5, 9), bn(None, 9, affine=False), linear(9, 3)], "sgd"),
    "bn far from zero": ([6], 16, [bn(None, 6), linear(6, 10), relu(), linear(10, 4)], "sgd"),
    "bn images": (
        [2, 6, 5],
        4,
        [
            conv(2, 9, (3, 3), padding=(1, 1), bias=False),
            bn(2, 9),
            relu(),
            conv(9, 12, (3, 3), (2, 2), (1, 1), bias=False),
            bn(2, 12),
            relu(),
            flatten(),
            linear(108, 5),
        ],
        "momentum",
    ),
    "max pool": (
        [3, 9, 9],
        3,
        [
            conv(3, 6, (3, 3), padding=(1, 1)),
            maxpool((2, 2), (2, 2)),
            conv(6, 6, (3, 3), padding=(1, 1)),
            maxpool((3, 3), (2, 2), (1, 1)),
            flatten(),
            linear(24, 4),
        ],
        "sgd",
    ),
    "max pool overlapping": (
        [2, 8, 8],
        2,
        [conv(2, 5, (1, 1)), maxpool((3, 2), (1, 2), (1, 0)), flatten(), linear(5 * 8 * 4, 3)],
        "sgd",
    ),
    "adaptive average pool": (
        [2, 7, 9],
        3,
        [
            conv(2, 6, (3, 3), padding=(1, 1)),
            avgpool((3, 4)),
            conv(6, 8, (2, 2)),
            avgpool((1, 1)),
            flatten(),
            linear(8, 4),
        ],
        "sgd",
    ),
    "small cnn": (
        [1, 14, 14],
        8,
        [
            conv(1, 8, (3, 3), padding=(1, 1), bias=False),
            bn(2, 8),
            relu(),
            maxpool((2, 2), (2, 2)),
            conv(8, 16, (3, 3), padding=(1, 1), bias=False),
            bn(2, 16),
            relu(),
            avgpool((1, 1)),
            flatten(),
            linear(16, 10),
        ],
        "adam",
    ),
    "sigmoid mlp": (
        [36],
        12,
        [linear(36, 20), bn(None, 20), sigmoid(), linear(20, 20), bn(None, 20), sigmoid(), linear(20, 10)],
        "sgd",
    ),
}
LEARNING_RATE = {"sgd": 0.1, "momentum": 0.05, "adam": 0.01}
STEPS = 4


def numbers(tensor):
    """float32, base64: what the engine holds, at a third of the size of decimal text."""
    return base64.b64encode(tensor.detach().float().flatten().numpy().tobytes()).decode()


def optimizer_of(name, parameters):
    if name == "adam":
        return torch.optim.Adam(parameters, LEARNING_RATE[name])
    return torch.optim.SGD(parameters, LEARNING_RATE[name], momentum=0.9 if name == "momentum" else 0)


def run_case(name, shape, batch, layers, optimizer_name):
    modules = [module.double() for _, module in layers]
    for module in modules:
        for parameter in module.parameters():
            parameter.data = torch.randn(parameter.shape).float().double() * (0.5 if parameter.dim() > 1 else 0.3)
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)) and module.affine:
            module.weight.data = (1 + module.weight.data).float().double()
    inputs = [torch.randn([batch] + shape).float().double() for _ in range(STEPS)]
    if name == "bn far from zero":
        # A mean of a thousand σ: plain float32 sums lose the variance here.
        inputs = [(10 + 0.01 * value).float().double() for value in inputs]
    initial = {
        f"{index}.{key}": numbers(value)
        for index, module in enumerate(modules)
        for key, value in module.named_parameters()
    }

    def forward(x):
        outputs = []
        for module in modules:
            x = module(x)
            outputs.append(x)
        return outputs

    outputs = forward(inputs[0])
    classes = outputs[-1].shape[1]
    labels = [[(3 * sample + step) % classes for sample in range(batch)] for step in range(STEPS)]
    nodes = [list(output.shape[1:]) for output in outputs]
    for module in modules:
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.reset_running_stats()

    optimizer = optimizer_of(optimizer_name, [p for module in modules for p in module.parameters()])
    losses = []
    for step in range(STEPS):
        outputs = forward(inputs[step])
        for output in outputs:
            output.retain_grad()
        loss = F.cross_entropy(outputs[-1], torch.tensor(labels[step]))
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            first = {
                "outputs": [numbers(output) for output in outputs],
                "outputGradients": [numbers(output.grad) for output in outputs],
                "gradients": {
                    f"{index}.{key}": numbers(value.grad)
                    for index, module in enumerate(modules)
                    for key, value in module.named_parameters()
                },
            }
        optimizer.step()
    running = {
        f"{index}.{key}": numbers(value)
        for index, module in enumerate(modules)
        for key, value in module.named_buffers()
        if key != "num_batches_tracked"
    }
    after = {
        f"{index}.{key}": numbers(value)
        for index, module in enumerate(modules)
        for key, value in module.named_parameters()
    }
    for module in modules:
        module.eval()
    evaluated = forward(inputs[0])
    return {
        "name": name,
        "inputShape": shape,
        "batch": batch,
        "optimizer": optimizer_name,
        "learningRate": LEARNING_RATE[optimizer_name],
        "layers": [{"op": op, "outputShape": node} for (op, _), node in zip(layers, nodes)],
        "inputs": [numbers(value) for value in inputs],
        "labels": labels,
        "initial": initial,
        "losses": losses,
        "first": first,
        "running": running,
        "after": after,
        "evaluated": numbers(evaluated[-1]),
    }


cases = [run_case(name, *case) for name, case in CASES.items()]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected.json"), "w") as file:
    json.dump({"torch": torch.__version__, "cases": cases}, file)
    file.write("\n")
