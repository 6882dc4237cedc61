"""Measures the forward passes of one step of a PyTorch model, without touching it.

One global forward pre-hook for one step: a hook on a person's module would be pickled, copied and scripted with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

import numpy as np
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

from ..ticking.rhythm import cost_clock
from .passes import CHANNELS, LayerPasses


class PassMeter:
    """Listens to the layers of one model for one step.

    Args:
        step: The step that comes.
        places: Place of each layer by the id of its module.
        roots: Ids of the model and its wrappers, whose input says how many samples a pass has.
    """

    def __init__(self, step: int, places: Mapping[int, int], roots: set[int]) -> None:
        self.step = step
        self.seconds = 0.0
        self.found: dict[int, LayerPasses] = {}
        self._places, self._roots = places, roots
        self._batch: float | None = None
        self._handle: Any = register_module_forward_pre_hook(self._hook)

    def close(self) -> dict[int, LayerPasses]:
        """Stops listening; what each layer was given, by its place."""
        self._handle.remove()
        return {place: passes for place, passes in self.found.items() if passes.count > 0}

    def _hook(self, module: nn.Module, inputs: Any) -> None:
        try:
            place = self._places.get(id(module))
            if place is None and id(module) not in self._roots:
                return
            if torch._C._get_tracing_state() is not None or is_compiling():
                return
            started = cost_clock()
            if place is None:
                self._batch = batch_size_of(inputs)
            elif module.training and inputs:
                self._measure(place, inputs[0])
            self.seconds += cost_clock() - started
        except Exception:  # What cannot be measured is unknown; the pass goes on.
            self.found.pop(self._places.get(id(module), -1), None)

    def _measure(self, place: int, values: Any) -> None:
        if type(values) is not torch.Tensor or values.ndim < 2:
            return
        channels = values.shape[1]
        stride = max(1, channels // CHANNELS)
        passes = self.found.setdefault(place, LayerPasses(self.step, stride))
        samples = values.numel() / max(1, channels)
        passes.samples = min(passes.samples, samples)
        passes.batch = self._batch
        if values.device.type != "cpu":
            return  # Reading a device back would wait for it.
        with torch.no_grad():
            some = values.detach()[:, ::stride].transpose(0, 1).flatten(1).double()
            variance, mean = torch.var_mean(some, 1, unbiased=samples > 1)
        passes.means.append(np.asarray(mean.numpy()))
        passes.variances.append(np.asarray(variance.numpy()))


def batch_size_of(value: Any) -> float | None:
    """The first dimension of the first tensor among the arguments of a model."""
    if isinstance(value, torch.Tensor):
        return float(value.shape[0]) if value.ndim > 0 else None
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        if value and isinstance(value[0], torch.Tensor) and value[0].ndim == 3 and len(value) > 1:
            return float(len(value))  # Detection: a list of images of their own sizes.
        for item in value[:8]:
            size = batch_size_of(item)
            if size is not None:
                return size
    graphs = getattr(value, "num_graphs", None)
    return float(graphs) if isinstance(graphs, int) else None


def _compiling() -> Callable[[], bool]:
    asked = getattr(getattr(torch, "compiler", None), "is_compiling", None)
    if asked is not None:
        return asked  # type: ignore[no-any-return]
    # PyTorch 2.1 has it elsewhere.
    from torch._dynamo import external_utils

    return external_utils.is_compiling


is_compiling = _compiling()
