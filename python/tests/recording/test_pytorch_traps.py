"""Every trap of recording PyTorch: what is read back is what the layers were given, and the weights have the same bits.

Each case trains the same small network in another way. Truth is every `F.batch_norm` call, in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

#: Of a mean in σ and of a variance, relative: the goal for float32.
MEAN, VARIANCE = 2e-6, 2e-5

PROLOGUE = """
import copy, hashlib, json, os, sys
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)
torch.set_num_threads(1)

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
    def forward(self, x):
        return F.relu(x + self.bn(self.conv(x)))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.blocks = nn.Sequential(Block(8), Block(8))
        self.head = nn.Linear(8, 4)
    def forward(self, x):
        return self.head(self.blocks(self.stem(x)).mean((2, 3)))

g = torch.Generator().manual_seed(1)
def batch():
    return torch.randn(16, 3, 10, 10, generator=g) + 0.5, torch.randint(0, 4, (16,), generator=g)

TRUTH, NAMES, STEP = {}, {}, [1]
def watch_truth(model):
    for name, m in model.named_modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.running_mean is not None:
            NAMES[m.running_mean.data_ptr()] = name
_batch_norm = F.batch_norm
def seeing(x, running_mean, running_var, *args, **kwargs):
    training = kwargs.get("training", args[2] if len(args) > 2 else False)
    name = NAMES.get(running_mean.data_ptr()) if running_mean is not None else None
    if training and name is not None and not torch.compiler.is_compiling():
        t = x.detach().double().transpose(0, 1).flatten(1)
        TRUTH.setdefault(name, {}).setdefault(STEP[0], []).append([t.mean(1).tolist(), t.var(1).tolist()])
    return _batch_norm(x, running_mean, running_var, *args, **kwargs)
if os.environ.get("SEE_TRUTH"):
    F.batch_norm = seeing

def done(*models):
    tensors = [t for model in models for t in model.state_dict().values() if isinstance(t, torch.Tensor)]
    print("SHA", hashlib.sha256(b"".join(t.detach().float().numpy().tobytes() for t in tensors)).hexdigest())
    json.dump(TRUTH, open("truth.json", "w"))

def train(model, steps=8, optimizer=None, step=None, loss=None, passes=1):
    watch_truth(model)
    optimizer = optimizer or torch.optim.SGD(model.parameters(), 0.05)
    for STEP[0] in range(1, steps + 1):
        optimizer.zero_grad()
        for _ in range(passes):
            x, y = batch()
            (loss(model, x, y) if loss else F.cross_entropy(model(x), y)).backward()
        (step or optimizer.step)()
"""

#: Title: the training, and the passes a step that each layer must be seen with.
CASES: dict[str, tuple[str, int]] = {
    "sgd": ("model = Net(); train(model); done(model)", 1),
    "fused": (
        "model = Net(); train(model, optimizer=torch.optim.SGD(model.parameters(), 0.05, fused=True)); done(model)",
        1,
    ),
    "foreach": (
        "model = Net(); train(model, optimizer=torch.optim.AdamW(model.parameters(), 0.01, foreach=True)); done(model)",
        1,
    ),
    "accumulation": ("model = Net(); train(model, passes=2); done(model)", 2),
    "channels_last": ("model = Net().to(memory_format=torch.channels_last); train(model); done(model)", 1),
    "cumulative": (
        """
model = Net()
for m in model.modules():
    if isinstance(m, nn.BatchNorm2d): m.momentum = None
train(model, passes=2); done(model)
""",
        2,
    ),
    "autocast": (
        """
def loss(model, x, y):
    with torch.autocast("cpu", torch.bfloat16):
        return F.cross_entropy(model(x), y)
model = Net(); train(model, loss=loss); done(model)
""",
        1,
    ),
    "checkpointing": (
        """
from torch.utils.checkpoint import checkpoint
def loss(model, x, y):
    x = checkpoint(model.blocks, model.stem(x), use_reentrant=False)
    return F.cross_entropy(model.head(x.mean((2, 3))), y)
model = Net(); train(model, loss=loss); done(model)
""",
        0,
    ),
    "functional_call": (
        """
from torch.func import functional_call
def loss(model, x, y):
    state = (dict(model.named_parameters()), dict(model.named_buffers()))
    return F.cross_entropy(functional_call(model, state, (x,)), y)
model = Net(); train(model, loss=loss); done(model)
""",
        1,
    ),
    "lbfgs": (
        """
model = Net(); watch_truth(model)
optimizer = torch.optim.LBFGS(model.parameters(), 0.1, max_iter=4)
for STEP[0] in range(1, 7):
    x, y = batch()
    def closure():
        optimizer.zero_grad(); loss = F.cross_entropy(model(x), y); loss.backward(); return loss
    optimizer.step(closure)
done(model)
""",
        0,
    ),
    "one optimizer a parameter": (
        """
model = Net(); optimizers = [torch.optim.SGD([p], 0.05) for p in model.parameters()]
class All:
    def zero_grad(self): [o.zero_grad() for o in optimizers]
    def step(self): [o.step() for o in optimizers]
train(model, optimizer=All()); done(model)
""",
        1,
    ),
    "step in the backward pass": (
        """
model = Net()
own = {p: torch.optim.SGD([p], 0.05, foreach=False) for p in model.parameters()}
def hook(p): own[p].step(); own[p].zero_grad()
for p in model.parameters(): p.register_post_accumulate_grad_hook(hook)
class Nothing:
    def zero_grad(self): pass
    def step(self): pass
train(model, optimizer=Nothing()); done(model)
""",
        1,
    ),
    "traced by fx": ("import torch.fx; model = torch.fx.symbolic_trace(Net()); train(model); done(model)", 1),
    "exported": (
        "model = torch.export.export(Net(), (batch()[0],)).module(); train(model); done(model)",
        0,
    ),
    "average of the weights": (
        """
from torch.optim.swa_utils import AveragedModel
model = Net(); average = AveragedModel(model); optimizer = torch.optim.SGD(model.parameters(), 0.05)
def step(): optimizer.step(); average.update_parameters(model)
train(model, optimizer=optimizer, step=step); done(model, average)
""",
        1,
    ),
    "moved to another type and back": (
        """
model = Net(); optimizer = torch.optim.SGD(model.parameters(), 0.05)
train(model, optimizer=optimizer, steps=3); model.double().float(); STEP[0] = 4
NAMES.clear(); watch_truth(model)
for STEP[0] in range(4, 9):
    x, y = batch(); optimizer.zero_grad(); F.cross_entropy(model(x), y).backward(); optimizer.step()
done(model)
""",
        1,
    ),
    "lazy": (
        """
model = nn.Sequential(nn.LazyConv2d(8, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(4))
model(batch()[0]); train(model); done(model)
""",
        1,
    ),
    "schedule-free": (
        """
class ScheduleFree(torch.optim.Optimizer):
    def __init__(self, params, lr=0.05, beta=0.9):
        super().__init__(params, dict(lr=lr, beta=beta, k=0, train_mode=True))
    @torch.no_grad()
    def swap(self, training):
        for group in self.param_groups:
            if group["train_mode"] != training:
                weight = 1 - group["beta"] if training else 1 - 1 / group["beta"]
                for p in group["params"]:
                    if "z" in self.state[p]: p.lerp_(self.state[p]["z"], weight)
                group["train_mode"] = training
    def train(self): self.swap(True)
    def eval(self): self.swap(False)
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            group["k"] += 1
            share = 1 / group["k"]
            for p in group["params"]:
                z = self.state[p].setdefault("z", p.clone())
                p.lerp_(z, share).add_(p.grad, alpha=group["lr"] * (group["beta"] * (1 - share) - 1))
                z.sub_(p.grad, alpha=group["lr"])
model = Net(); optimizer = ScheduleFree(model.parameters())
def step():
    optimizer.step()
    if STEP[0] % 3 == 0:
        model.eval(); optimizer.eval(); model(batch()[0]); model.train(); optimizer.train()
train(model, optimizer=optimizer, step=step); done(model)
""",
        1,
    ),
    "watched by hooks": (
        """
seen = []
def forward(module, inputs, output): seen.append(float(output.detach().norm()))
def backward(module, grads_in, grads_out): seen.append(float(grads_out[0].norm()))
model = Net()
for m in model.modules(): m.register_forward_hook(forward)
model.head.register_full_backward_hook(backward)
for p in model.parameters(): p.register_hook(lambda gradient: seen.append(float(gradient.norm())))
train(model); print(len(seen), sum(seen)); done(model)
""",
        1,
    ),
    "under the profiler": (
        """
from torch.profiler import ProfilerActivity, profile, schedule
model = Net(); optimizer = torch.optim.SGD(model.parameters(), 0.05)
when = schedule(wait=1, warmup=1, active=2, repeat=2)
with profile(activities=[ProfilerActivity.CPU], schedule=when, record_shapes=True, with_modules=True) as p:
    def step(): optimizer.step(); p.step()
    train(model, optimizer=optimizer, step=step)
done(model)
""",
        1,
    ),
    "double precision": (
        "model = Net().double(); train(model, loss=lambda m, x, y: F.cross_entropy(m(x.double()), y)); done(model)",
        1,
    ),
}


def _errors(run: Any, truth: dict[str, Any]) -> tuple[float, float, int]:
    """The largest difference of recorded batches from direct ones in σ and relative, and how many there were."""
    mean_error = variance_error = 0.0
    count = 0
    for identifier, layer in run.layers().items():
        for step, vectors in run.channels(identifier).items():
            passes = truth.get(layer["name"], {}).get(str(step))
            if passes is None or not np.isfinite(vectors["batch_mean"]).all():
                continue
            momentum = layer["norm"]["updateWeight"]
            k = len(passes)
            share = np.full(k, 1 / k) if momentum == "cumulative" else momentum * (1 - momentum) ** np.arange(k)[::-1]
            share = share / share.sum()
            mean = share @ np.array([p[0] for p in passes])
            variance = share @ np.array([p[1] for p in passes])
            mean_error = max(mean_error, float(np.abs((vectors["batch_mean"] - mean) / np.sqrt(variance)).max()))
            variance_error = max(variance_error, float(np.abs(vectors["batch_variance"] / variance - 1).max()))
            count += 1
    return mean_error, variance_error, count


@pytest.mark.parametrize("title", CASES)
def test_batches_are_read_back_and_the_bits_are_the_same(title: str, script: Any, capsys: Any) -> None:
    import json

    source, passes = CASES[title]
    recorded = script(PROLOGUE + source, every=1, SEE_TRUTH="" if title == "exported" else "1")
    assert recorded.code == 0, recorded.errors
    assert "normlens:" not in recorded.errors
    truth = json.loads((script.folder / "truth.json").read_text())
    plain = script(PROLOGUE + source, record=False)
    assert recorded.output == plain.output, "the weights differ"
    mean, variance, count = _errors(recorded.run, truth)
    with capsys.disabled():
        print(f"\n{title}: mean {mean:.1e} σ, variance {variance:.1e}, {count} batches, same bits", end="")
    if title != "exported":  # It calls no `F.batch_norm`: there is no truth to compare with.
        assert count >= 5, "too few batches were recorded"
    assert mean < MEAN
    assert variance < VARIANCE
    if passes:
        assert {record["passes"] for record in recorded.run.of("passes")} == {passes}
    assert recorded.run.of("end")[0]["status"] == "completed"
