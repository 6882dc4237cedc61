"""Writes expected.json: what PyTorch itself says about the example models and the cases in this folder.

Run with a Python that has torch 1.13:  python3 test/golden/models/expected.py
Each file names its model and input in its `# normlens: model` annotation.
"""

import importlib.util
import json
import pathlib
import re
import sys

import torch

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.dont_write_bytecode = True


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def annotation(path):
    match = re.search(r"^# normlens: model (.*?) input=([\dx]+)", path.read_text(), re.M)
    return match.group(1), [int(size) for size in match.group(2).split("x")]


def facts(path):
    expression, shape = annotation(path)
    model = eval(expression, vars(load(path)))  # the expression comes from our own files
    shapes = {}
    hooks = []
    leaves = [
        (name, module)
        for name, module in model.named_modules()
        if type(module).__module__.startswith("torch.nn") or type(module).__bases__[0] in (torch.nn.Conv2d,)
    ]
    leaves = [
        (name, module)
        for name, module in leaves
        if not isinstance(module, (torch.nn.Sequential, torch.nn.ModuleList, torch.nn.ModuleDict))
    ]
    for name, module in leaves:

        def hook(_module, _inputs, output, name=name):
            shapes.setdefault(name, list(output.shape[1:]))

        hooks.append(module.register_forward_hook(hook))
    output = model(torch.zeros(2, *shape))
    return {
        "model": expression,
        "input": shape,
        "output": list(output.shape[1:]),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "layers": [
            {
                "name": name,
                "class": next(cls.__name__ for cls in type(module).__mro__ if cls.__module__.startswith("torch.nn")),
                "parameters": sum(parameter.numel() for parameter in module.parameters()),
                "outputShape": shapes.get(name),
            }
            for name, module in leaves
        ],
        "batchNorms": [
            {"name": name, "numFeatures": module.num_features, "eps": module.eps, "momentum": module.momentum}
            for name, module in model.named_modules()
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)
        ],
    }


def main():
    files = sorted((ROOT / "examples").glob("*.py")) + sorted((HERE / "cases").glob("*.py"))
    expected = {str(path.relative_to(ROOT)): facts(path) for path in files}
    result = {"torch": torch.__version__, "models": expected}
    (HERE / "expected.json").write_text(json.dumps(result, indent=1) + "\n")
    print(f"{len(expected)} models, torch {torch.__version__}")


if __name__ == "__main__":
    main()
