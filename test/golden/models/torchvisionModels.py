"""Writes torchvisionModels.json: what torchvision itself says about the models that engine/source/builtIn describes.

Run with a Python that has torch 1.13 and torchvision 0.14:  python3 test/golden/models/torchvisionModels.py
"""

import hashlib
import json
import pathlib

import torch
import torchvision
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
NAMES = """resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d wide_resnet50_2 wide_resnet101_2
vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn alexnet mobilenet_v2 densenet121 densenet161 densenet169
densenet201""".split()


def facts(name):
    model = getattr(torchvision.models, name)()
    layers = [
        path
        for path, module in model.named_modules()
        if not list(module.children()) and not isinstance(module, (nn.Sequential, nn.ModuleDict))
    ]
    norms = [
        (path, module.num_features) for path, module in model.named_modules() if isinstance(module, nn.BatchNorm2d)
    ]
    text = "\n".join(layers + [f"{path} {features}" for path, features in norms])
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "layers": len(layers),
        "norms": len(norms),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


def main():
    models = {name: facts(name) for name in NAMES}
    result = {"torchvision": torchvision.__version__, "torch": torch.__version__, "models": models}
    (HERE / "torchvisionModels.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
