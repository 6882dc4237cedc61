"""What recording costs a PyTorch training.

pytorch.py NAME…   (mlp, deep, resnet20, and each with -compiled); prints one JSON line a name.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "python"))
os.environ["NORMLENS_RUNS"] = tempfile.mkdtemp()

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim import optimizer as optimizers

from blocks import compare
from normlens.recording import pytorch


class Block(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.one, self.bn1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.two, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.short = nn.Sequential()
        if stride > 1 or inputs != width:
            self.short = nn.Sequential(nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        return F.relu(self.bn2(self.two(F.relu(self.bn1(self.one(x))))) + self.short(x))


def resnet(blocks, width):
    layers, inputs = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()], width
    for stage in range(3):
        for block in range(blocks):
            layers.append(Block(inputs, width << stage, 2 if stage > 0 and block == 0 else 1))
            inputs = width << stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10))


def mlp():
    layers = []
    for inputs in (784, 100, 100):
        layers += [nn.Linear(inputs, 100), nn.BatchNorm1d(100), nn.Sigmoid()]
    return nn.Sequential(*layers, nn.Linear(100, 10))


# Model, shape of a batch, steps of a block.
CASES = {
    "mlp": (mlp, (60, 784), 60),
    "deep": (lambda: resnet(8, 4), (16, 3, 16, 16), 15),
    "resnet20": (lambda: resnet(3, 16), (64, 3, 32, 32), 6),
}


def measure(name):
    make, shape, steps = CASES[name.removesuffix("-compiled")]
    torch.manual_seed(0)
    model = make()
    net = torch.compile(model) if name.endswith("-compiled") else model
    x, y = torch.randn(shape), torch.randint(0, 10, (shape[0],))
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    recorder = pytorch.recorder()

    def step():
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

    step()
    layers = sum(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in model.modules())
    compare(name, layers, step, steps, recorder, lambda: recorder.models.watches[-1].samples, listen)


def listen(listens):
    """The hook after optimizer steps, there or not."""
    hooks = optimizers._global_optimizer_post_hooks
    if listens:
        hooks.update(HOOKS)
    else:
        hooks.clear()


torch.set_num_threads(int(os.environ.get("THREADS", "1")))
pytorch.arm()
HOOKS = dict(optimizers._global_optimizer_post_hooks)
for wanted in sys.argv[1:] or [name + suffix for name in CASES for suffix in ("", "-compiled")]:
    measure(wanted)
