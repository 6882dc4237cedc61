"""One forward pass of a PyTorch model on a kept batch, as a probe needs it: nothing is left behind."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

from .kept import Kept
from .probe import MOST_VALUES, Seen, Statistics


@contextmanager
def eager() -> Iterator[None]:
    """Compiled parts of a model run as they are written: other modes would be compiled once more, for good."""
    stance = getattr(torch.compiler, "set_stance", None) if "torch._dynamo" in sys.modules else None
    if stance is None:
        yield
        return
    with stance("force_eager"):
        yield


@contextmanager
def nothing_left_behind(target: nn.Module) -> Iterator[None]:
    """Modes, buffers, attributes and every random state are as before."""
    modules = list(target.modules())
    modes = [module.training for module in modules]
    attributes = [dict(module.__dict__) for module in modules]
    buffers = [(buffer, buffer.clone(), buffer._version) for module in modules for buffer in _buffers(module)]
    python, numpy = random.getstate(), sys.modules["numpy"].random.get_state()
    devices = {buffer.device.index for buffer, _, _ in buffers if buffer.device.type == "cuda"}
    try:
        with torch.random.fork_rng(devices=[index for index in devices if index is not None]):
            yield
    finally:
        with torch.no_grad():
            for buffer, before, version in buffers:
                if buffer._version != version:
                    # Through `data`, so that the version, by which updates are counted, is not counted up for this.
                    buffer.data.copy_(before)
        for module, mode, before_attributes in zip(modules, modes, attributes):
            for name in set(module.__dict__) - set(before_attributes):
                del module.__dict__[name]
            module.__dict__.update(before_attributes)
            module.training = mode
        random.setstate(python)
        sys.modules["numpy"].random.set_state(numpy)


def _buffers(module: nn.Module) -> list[torch.Tensor]:
    return [buffer for buffer in module._buffers.values() if buffer is not None]


@contextmanager
def batch_statistics(modules: Sequence[nn.Module], places: Mapping[int, int]) -> Iterator[None]:
    """The layers normalize by their batch and update nothing."""
    chosen = [modules[place] for place in places.values()]
    counters = [module._buffers.get("num_batches_tracked") for module in chosen]
    kept = [tuple(module._buffers.get(name) for name in ("running_mean", "running_var")) for module in chosen]
    for module in chosen:
        module.training = True
        # Without buffers a layer uses its batch, in `F.batch_norm` as in a class of another library.
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            module._buffers[name] = None
    try:
        yield
    finally:
        for module, counter, (mean, variance) in zip(chosen, counters, kept):
            module.training = False
            module._buffers.update(running_mean=mean, running_var=variance, num_batches_tracked=counter)


@contextmanager
def given_statistics(modules: Sequence[nn.Module], values: Statistics) -> Iterator[None]:
    """The layers normalize by other statistics than their running ones."""
    kept = {p: (modules[p]._buffers["running_mean"], modules[p]._buffers["running_var"]) for p in values}
    for place, numbers in values.items():
        old = kept[place][0]
        if old is not None:
            given = [torch.from_numpy(part).to(old.device, old.dtype) for part in numbers]
            modules[place]._buffers.update(running_mean=given[0], running_var=given[1])
    try:
        yield
    finally:
        for place, (mean, variance) in kept.items():
            modules[place]._buffers.update(running_mean=mean, running_var=variance)


def one_pass(target: nn.Module, batch: Kept, places: Mapping[int, int]) -> tuple[Any, Seen]:
    """The output on the host (None where there is none), and what each layer was given."""
    seen = Seen()

    def look(module: nn.Module, inputs: Any) -> None:
        place = places.get(id(module))
        if place is None or not inputs or not isinstance(inputs[0], torch.Tensor) or inputs[0].ndim < 2:
            return
        values = inputs[0].detach().transpose(0, 1).flatten(1).float()
        variance, mean = torch.var_mean(values, 1, unbiased=False)
        stride = max(1, values.numel() // MOST_VALUES)
        if place not in seen.inputs:  # Of a layer that is called several times, the first call.
            # A copy: a layer that works in place writes over what it was given.
            seen.inputs[place] = values[:, ::stride].cpu().numpy().copy()
            seen.means[place], seen.variances[place] = mean.cpu().numpy(), variance.cpu().numpy()

    handle = register_module_forward_pre_hook(look)
    try:
        output = target(*batch.inputs, **batch.named)
    finally:
        handle.remove()
    found = _first_tensor(output)
    return None if found is None else found.numpy(), seen


def _first_tensor(output: Any) -> torch.Tensor | None:
    if isinstance(output, torch.Tensor):
        return output.detach().float().cpu() if output.is_floating_point() and output.ndim > 0 else None
    if isinstance(output, Mapping):
        output = list(output.values())
    for item in output if isinstance(output, (list, tuple)) else ():
        found = _first_tensor(item)
        if found is not None:
            return found
    return None
