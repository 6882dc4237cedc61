#!/usr/bin/env python3
"""Writes expected.json: what PyTorch computes, in float64, for the cases of training.test.ts.

Each case trains a chain of layers for a few steps with one setting of the run: optimizers and their options, gradient
clipping, accumulation, losses and shapes of outputs. Recorded: losses, the parameters' gradients in the first step as
the optimizer gets them, parameters and optimizer state afterwards. Schedules are recorded as learning rates.

Run with PyTorch installed (made with Debian 12's python3-torch, 1.13): python3 expected.py
"""

import base64
import json
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim import lr_scheduler

torch.manual_seed(11)
STEPS = 6


def linear(i, o, bias=True):
    return {"kind": "linear", "inFeatures": i, "outFeatures": o, "bias": bias}, nn.Linear(i, o, bias)


def conv(i, o, kernel, padding, bias=True):
    op = {
        "kind": "conv2d",
        "inChannels": i,
        "outChannels": o,
        "kernelSize": kernel,
        "stride": (1, 1),
        "padding": padding,
        "dilation": (1, 1),
        "groups": 1,
        "bias": bias,
    }
    return op, nn.Conv2d(i, o, kernel, 1, padding, bias=bias)


def bn(dims, n):
    op = {
        "kind": "batchNorm",
        "spatialDims": dims,
        "numFeatures": n,
        "epsilon": 1e-5,
        "runningStatsUpdateWeight": 0.1,
        "affine": True,
        "trackRunningStats": True,
        "runningVarianceEstimator": "unbiased",
    }
    return op, (nn.BatchNorm2d if dims == 2 else nn.BatchNorm1d)(n)


def relu():
    return {"kind": "activation", "function": "relu"}, nn.ReLU()


def avgpool():
    return {"kind": "adaptiveAvgPool2d", "outputSize": (1, 1)}, nn.AdaptiveAvgPool2d((1, 1))


# No bias stands before BN: its gradient is zero by mathematics, and Adam would divide rounding by rounding.
def mlp(outputs=3):
    return [6], [linear(6, 9, bias=False), bn(None, 9), relu(), linear(9, 7), linear(7, outputs)]


def images(outputs, pooled=False):
    """Ends with a convolution, or with an average pool whose output is `[outputs, 1, 1]`."""
    layers = [conv(2, 5, (3, 3), (1, 1), bias=False), bn(2, 5), relu(), conv(5, outputs, (3, 3), (1, 1))]
    return [2, 4, 5], layers + ([avgpool()] if pooled else [])


# name -> (model, settings as in the run's config, learning rate)
CASES = {
    "sgd": (mlp(), {"optimizer": "sgd"}, 0.1),
    "sgd with weight decay": (mlp(), {"optimizer": "sgd", "weightDecay": 0.05}, 0.1),
    "sgd with weight decay but for gamma and beta": (
        mlp(),
        {"optimizer": "sgd", "weightDecay": 0.05, "undecayed": ["norm"]},
        0.1,
    ),
    "sgd with weight decay of weights alone": (
        mlp(),
        {"optimizer": "sgd", "weightDecay": 0.05, "undecayed": ["norm", "bias"]},
        0.1,
    ),
    "momentum": (mlp(), {"optimizer": "momentum"}, 0.05),
    "sgd with a momentum of 0.7 and weight decay": (
        mlp(),
        {"optimizer": "sgd", "momentum": 0.7, "weightDecay": 0.02},
        0.05,
    ),
    "nesterov": (mlp(), {"optimizer": "momentum", "nesterov": True}, 0.05),
    "nesterov with weight decay": (
        mlp(),
        {"optimizer": "sgd", "momentum": 0.8, "nesterov": True, "weightDecay": 0.03, "undecayed": ["bias"]},
        0.05,
    ),
    "adam": (mlp(), {"optimizer": "adam"}, 0.01),
    "adam with weight decay": (mlp(), {"optimizer": "adam", "weightDecay": 0.1}, 0.01),
    "adamw": (mlp(), {"optimizer": "adamw"}, 0.01),
    "adamw with weight decay but for gamma and beta": (
        mlp(),
        {"optimizer": "adamw", "weightDecay": 0.3, "undecayed": ["norm"]},
        0.01,
    ),
    "rmsprop": (mlp(), {"optimizer": "rmsprop"}, 0.01),
    "rmsprop with momentum and weight decay": (
        mlp(),
        {"optimizer": "rmsprop", "momentum": 0.9, "weightDecay": 0.1},
        0.003,
    ),
    "clipping that acts": (
        images(3, pooled=True),
        {"optimizer": "momentum", "clipNorm": 0.1, "weightDecay": 0.01},
        0.1,
    ),
    "clipping that does not": (mlp(), {"optimizer": "sgd", "clipNorm": 1000.0}, 0.1),
    "three batches a step": (mlp(), {"optimizer": "adam", "accumulate": 3}, 0.01),
    "two batches a step, clipped": (
        images(3, pooled=True),
        {"optimizer": "momentum", "accumulate": 2, "clipNorm": 0.2},
        0.1,
    ),
    "label smoothing": (mlp(), {"optimizer": "sgd", "labelSmoothing": 0.1}, 0.1),
    "cross-entropy of [classes, 1, 1]": (images(3, pooled=True), {"optimizer": "sgd"}, 0.1),
    "cross-entropy of every position": (images(4), {"optimizer": "sgd"}, 0.1),
    "smoothed cross-entropy of every position": (images(4), {"optimizer": "sgd", "labelSmoothing": 0.2}, 0.1),
    "mse against one-hot targets": (mlp(), {"optimizer": "sgd", "loss": "mse"}, 0.1),
    "mse of one output": (mlp(1), {"optimizer": "sgd", "loss": "mse"}, 0.1),
    "mse of every position": (images(4), {"optimizer": "sgd", "loss": "mse"}, 0.1),
    "bce against one-hot targets": (mlp(), {"optimizer": "sgd", "loss": "bce"}, 0.1),
    "bce of one output": (mlp(1), {"optimizer": "sgd", "loss": "bce"}, 0.1),
    "bce of [1, 1, 1]": (images(1, pooled=True), {"optimizer": "adam", "loss": "bce"}, 0.01),
    "bce of one output a position": (images(1), {"optimizer": "sgd", "loss": "bce"}, 0.1),
    "bce of every position": (images(4), {"optimizer": "sgd", "loss": "bce"}, 0.1),
}


def numbers(tensor):
    """float32, base64: what the engine holds, at a third of the size of decimal text."""
    return base64.b64encode(tensor.detach().float().flatten().numpy().tobytes()).decode()


def optimizer_of(settings, rate, modules):
    undecayed = settings.get("undecayed", [])
    decayed, spared = [], []
    for module in modules:
        is_norm = isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d))
        for key, parameter in module.named_parameters():
            spare = "norm" in undecayed if is_norm else "bias" in undecayed and key == "bias"
            (spared if spare else decayed).append(parameter)
    groups = [{"params": decayed}] + ([{"params": spared, "weight_decay": 0.0}] if spared else [])
    options = {"weight_decay": settings["weightDecay"]} if "weightDecay" in settings else {}
    name = settings["optimizer"]
    if name == "adam":
        return torch.optim.Adam(groups, rate, **options)
    if name == "adamw":
        return torch.optim.AdamW(groups, rate, **options)
    momentum = settings.get("momentum", 0.9 if name == "momentum" else 0)
    if name == "rmsprop":
        return torch.optim.RMSprop(groups, rate, momentum=momentum, **options)
    return torch.optim.SGD(groups, rate, momentum=momentum, nesterov=settings.get("nesterov", False), **options)


def loss_of(output, labels, settings):
    """`labels`: one a sample, or `[sample, y, x]`."""
    if output.dim() == 4 and labels.dim() == 1:
        output = output.flatten(1)
    kind = settings.get("loss", "cross-entropy")
    if kind == "cross-entropy":
        return F.cross_entropy(output, labels, label_smoothing=settings.get("labelSmoothing", 0.0))
    if output.shape[1] == 1:
        targets = labels.unsqueeze(1).double()
    else:
        targets = F.one_hot(labels, output.shape[1]).movedim(-1, 1).double()
    return (F.mse_loss if kind == "mse" else F.binary_cross_entropy_with_logits)(output, targets)


def run_case(name, model, settings, rate):
    shape, layers = model
    batch = 7 if len(shape) == 1 else 4
    modules = [module.double() for _, module in layers]
    for module in modules:
        for parameter in module.parameters():
            parameter.data = torch.randn(parameter.shape).float().double() * 0.5
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.weight.data = (1 + module.weight.data).float().double()
    initial = {
        f"{index}.{key}": numbers(value)
        for index, module in enumerate(modules)
        for key, value in module.named_parameters()
    }
    named = {
        f"{index}.{key}": value for index, module in enumerate(modules) for key, value in module.named_parameters()
    }
    accumulate = settings.get("accumulate", 1)
    batches = STEPS * accumulate
    inputs = [torch.randn([batch] + shape).float().double() for _ in range(batches)]

    def forward(x):
        outputs = []
        for module in modules:
            x = module(x)
            outputs.append(x)
        return outputs

    outputs = forward(inputs[0])
    shapes = [list(output.shape[1:]) for output in outputs]
    for module in modules:
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.reset_running_stats()
    places = [batch] + (shapes[-1][1:] if shapes[-1][1:] not in ([], [1, 1]) else [])
    classes = 2 if shapes[-1][0] == 1 else shapes[-1][0]
    labels = [torch.randint(classes, places) for _ in range(batches)]

    optimizer = optimizer_of(settings, rate, modules)
    losses, gradients = [], {}
    for step in range(STEPS):
        optimizer.zero_grad()
        total = 0.0
        for part in range(accumulate):
            at = step * accumulate + part
            loss = loss_of(forward(inputs[at])[-1], labels[at], settings) / accumulate
            loss.backward()
            total += loss.item()
        losses.append(total)
        if "clipNorm" in settings:
            nn.utils.clip_grad_norm_(list(named.values()), settings["clipNorm"])
        if step == 0:
            gradients = {key: numbers(value.grad) for key, value in named.items()}
        optimizer.step()
    state = {
        f"{key}.{what}": numbers(tensor)
        for key, value in named.items()
        for what, tensor in optimizer.state[value].items()
        if tensor is not None and what != "step"
    }
    running = {
        f"{index}.{key}": numbers(value)
        for index, module in enumerate(modules)
        for key, value in module.named_buffers()
        if key != "num_batches_tracked"
    }
    return {
        "name": name,
        "inputShape": shape,
        "batch": batch,
        "settings": settings,
        "learningRate": rate,
        "layers": [{"op": op, "outputShape": shape} for (op, _), shape in zip(layers, shapes)],
        "inputs": [numbers(value) for value in inputs],
        "labels": [value.flatten().tolist() for value in labels],
        "initial": initial,
        "losses": losses,
        "gradients": gradients,
        "after": {key: numbers(value) for key, value in named.items()},
        "state": state,
        "running": running,
    }


# settings of the learning rate -> PyTorch's scheduler of `total` steps
def with_warmup(optimizer, steps, then):
    return lr_scheduler.SequentialLR(
        optimizer, [lr_scheduler.LinearLR(optimizer, total_iters=steps), then(optimizer)], milestones=[steps]
    )


TOTAL = 50
SCHEDULES = [
    ({"schedule": {"kind": "step", "every": 7, "gamma": 0.3}}, lambda o: lr_scheduler.StepLR(o, 7, 0.3)),
    ({"schedule": {"kind": "cosine", "lowest": 0.001}}, lambda o: lr_scheduler.CosineAnnealingLR(o, TOTAL, 0.001)),
    ({"schedule": {"kind": "cosine", "lowest": 0}}, lambda o: lr_scheduler.CosineAnnealingLR(o, TOTAL)),
    (
        {"schedule": {"kind": "one-cycle", "rise": 0.3}},
        lambda o: lr_scheduler.OneCycleLR(o, 0.4, TOTAL, cycle_momentum=False),
    ),
    (
        {"schedule": {"kind": "one-cycle", "rise": 0.55}},
        lambda o: lr_scheduler.OneCycleLR(o, 0.4, TOTAL, pct_start=0.55, cycle_momentum=False),
    ),
    ({"warmupSteps": 9}, lambda o: lr_scheduler.LinearLR(o, total_iters=9)),
    (
        {"warmupSteps": 9, "schedule": {"kind": "step", "every": 10, "gamma": 0.5}},
        lambda o: with_warmup(o, 9, lambda o: lr_scheduler.StepLR(o, 10, 0.5)),
    ),
    (
        {"warmupSteps": 12, "schedule": {"kind": "cosine", "lowest": 0}},
        lambda o: with_warmup(o, 12, lambda o: lr_scheduler.CosineAnnealingLR(o, TOTAL - 12)),
    ),
]


def run_schedule(settings, make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.4)
    scheduler = make(optimizer)
    rates = []
    for _ in range(TOTAL):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return {"settings": {"learningRate": 0.4, "steps": TOTAL, **settings}, "rates": rates}


result = {
    "torch": torch.__version__,
    "cases": [run_case(name, *case) for name, case in CASES.items()],
    "schedules": [run_schedule(*schedule) for schedule in SCHEDULES],
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected.json"), "w") as file:
    json.dump(result, file)
    file.write("\n")
