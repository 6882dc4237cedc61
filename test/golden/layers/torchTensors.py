"""Writes torchTensors.json: generated chains of tensor operations, and the shape that PyTorch gives the result.

Run with a Python that has torch 2:  python3 test/golden/layers/torchTensors.py
Each row is `[lines of forward, output]`. The input is `[4, 6, 8]` without the batch axis; `output` is without the batch
axis too, which is the one that differs between batches of two sizes. It is null where none or several do.
"""

import json
import pathlib
import random

import torch
from torch.nn import functional as F  # noqa: F401

random.seed(3)
STEPS = [
    "x = x.view(b, -1)",
    "x = x.view(b, {s}, -1)",
    "x = x.reshape(-1, {s}, {s})",
    "x = x.view(b * {s}, -1)",
    "x = x.view(b * {s}, {s}, -1)",
    "x = x.view(b, {s}, {s}, -1)",
    "x = x.reshape(-1, x.shape[-1])",
    "x = x.reshape(x.shape[0], -1)",
    "x = x.reshape(x.size(0) // {s}, {s}, -1)",
    "x = x.permute(0, 2, 1)",
    "x = x.permute(1, 0, 2)",
    "x = x.permute(2, 0, 3, 1)",
    "x = x.permute(0, 2, 3, 1)",
    "x = x.transpose(0, 1)",
    "x = x.transpose(1, 2)",
    "x = x.transpose(-1, -2)",
    "x = x.transpose(0, -1)",
    "x = x.flatten(1)",
    "x = x.flatten(0, 1)",
    "x = x.flatten(-2)",
    "x = x.unsqueeze({a})",
    "x = x.squeeze({a})",
    "x = x.unbind({a})[0]",
    "x = x.select({a}, 0)",
    "x = x[0]",
    "x = x[-1]",
    "x = x[:, 0]",
    "x = x[:, -1]",
    "x = x[..., 0]",
    "x = x[..., :2]",
    "x = x[:, None]",
    "x = x[:, :, 1:]",
    "x = x[:, ::2]",
    "x = x.chunk(2, {a})[0]",
    "x = x.split(2, dim={a})[-1]",
    "x = x.mean({a})",
    "x = x.sum({a}, keepdim=True)",
    "x = x.max({a})[0]",
    "x = x.max({a}, keepdim=True).values",
    "x = torch.cat([x, x], {a})",
    "x = torch.stack([x, x], {a})",
    "x = x.repeat(1, {s}, 1)",
    "x = x.expand(-1, {s}, -1, -1)",
    "x = torch.relu(x)",
    "x = x + x.mean(-1, keepdim=True)",
    "x = x * 2 + 1",
    "x = x @ x.transpose(-1, -2)",
    "x = torch.matmul(x, torch.zeros(8, 5))",
    "x = torch.bmm(x, x.transpose(1, 2))",
    "x = x.softmax(-1)",
    "x = F.pad(x, (1, 1))",
    "x = F.interpolate(x, scale_factor=2)",
    "x = F.avg_pool1d(x, 2)",
    "x = F.adaptive_avg_pool1d(x, 3)",
    "x = x.narrow({a}, 0, 2)",
    "p, *rest = x.chunk(2, 1); x = torch.cat([p, p], 1)",
    "parts = [part for part in x.unbind(1)]; x = parts[0] + parts[-1]",
    "x = x.view(*x.shape[:2], -1)",
    "x = x.view(b, *x.shape[1:])",
    "x = x.contiguous()",
    "x = x.T",
    "x = F.layer_norm(x, x.shape[-1:])",
    "x = x.unflatten(1, (2, -1))",
    "x = torch.einsum('bij,bkj->bik', x, x)",
    "x = x.movedim(1, -1)",
    "x = x.cumsum({a})",
]


def filled(step):
    while "{s}" in step:
        step = step.replace("{s}", random.choice(["2", "3", "4", "6", "8"]), 1)
    while "{a}" in step:
        step = step.replace("{a}", random.choice(["0", "1", "2", "-1", "-2"]), 1)
    return step


def run(steps, batch):
    names = {"x": torch.rand(batch, 4, 6, 8), "torch": torch, "F": F}
    exec("b = x.shape[0]\n" + "\n".join(steps), names)  # our own program
    return list(names["x"].shape)


def row(steps):
    try:
        one, other = run(steps, 14 * 24), run(steps, 22 * 24)
    except Exception:
        return None
    differing = [axis for axis, (a, b) in enumerate(zip(one, other)) if a != b]
    if len(one) != len(other) or len(differing) != 1:
        return ["; ".join(steps), None]
    return ["; ".join(steps), [size for axis, size in enumerate(one) if axis != differing[0]]]


def main():
    chains = [[filled(step)] for step in STEPS for _ in range(4)]
    chains += [[filled(random.choice(STEPS)) for _ in range(random.randint(2, 5))] for _ in range(9000)]
    rows = {found[0]: found for found in map(row, chains) if found is not None}
    short = [found for found in rows.values()][:1200]
    text = "[\n" + ",\n".join(json.dumps(found) for found in short) + "\n]\n"
    pathlib.Path(__file__).with_suffix(".json").write_text(text)


main()
