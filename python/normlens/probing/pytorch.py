"""Measures the forward passes of one step of a PyTorch model, without touching it.

One global forward pre-hook for one step: a hook on a person's module would be pickled, copied and scripted with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from ..ticking.pytorch_tracing import is_traced
from .passes import CHANNELS, LayerPasses
from .pytorch_inputs import KeptInputs

#: A sum of gradients that is 0 but for rounding, as a share of their size.
_ROUNDING = 1e-3


@dataclass
class Listened:
    """To what a meter listens.

    Attributes:
        places: Place of each layer by the id of its module.
        containers: Ids of modules that contain layers. The first that is called in a pass is the model: its input says
            how many samples a pass has, and is kept for probes.
        others: Ids of layers of models that no optimizer trains: whether they are called shows whether they are used.
        inputs: Keeps batches.
    """

    places: Mapping[int, int]
    containers: set[int]
    others: set[int]
    inputs: KeptInputs


class PassMeter:
    """Listens to the layers of one model for one step."""

    def __init__(self, step: int, listened: Listened) -> None:
        self.step = step
        self.found: dict[int, LayerPasses] = {}
        #: Layers of other models that were called.
        self.called: set[int] = set()
        self._to = listened
        self._batch: float | None = None
        self._model: int | None = None
        self._handles: list[Any] = [register_module_forward_pre_hook(self._before)]
        if listened.inputs.classes is None:
            self._handles.append(register_module_forward_hook(self._after))

    def close(self) -> dict[int, LayerPasses]:
        """Stops listening; what each layer was given, by its place."""
        for handle in self._handles:
            handle.remove()
        return {place: passes for place, passes in self.found.items() if passes.count > 0}

    def _before(self, module: nn.Module, inputs: Any) -> None:
        key = id(module)
        place = self._to.places.get(key)
        if place is None and key not in self._to.containers:
            if key in self._to.others and not module.training:
                self.called.add(key)
            return
        if is_traced() or torch._C._get_tracing_state() is not None:
            return
        try:
            if place is None:
                self._enter(module, inputs)
            elif module.training and inputs:
                self._measure(place, inputs[0])
        except Exception:  # What cannot be measured is unknown; the pass goes on.
            if place is not None:
                self.found.pop(place, None)

    def _enter(self, module: nn.Module, inputs: Any) -> None:
        """The outermost module that contains layers is called before those in it."""
        if self._model is None:
            self._model = id(module)
            if module.training:
                self._to.inputs.keep(module, inputs, self.step)
        if self._model == id(module):
            self._batch = batch_size_of(inputs)

    def _after(self, module: nn.Module, inputs: Any, output: Any) -> None:
        """Whether the loss is a cross-entropy over classes: then its gradient sums up to 0 over them."""
        if id(module) != self._model or not isinstance(output, torch.Tensor) or not output.requires_grad:
            return
        if output.ndim < 2 or output.shape[1] < 2 or output.device.type != "cpu" or is_traced():
            return
        kept = self._to.inputs

        def look(gradient: torch.Tensor) -> None:
            try:
                with torch.no_grad():
                    total = gradient.sum(1).abs().max()
                    size = gradient.abs().sum(1).max()
                    kept.classes = bool(total <= _ROUNDING * size) and bool(size > 0)
            except Exception:
                pass

        hook: Any = output.register_hook
        hook(look)

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


def batch_size_of(arguments: Any) -> float | None:
    """The first dimension of the first tensor among the arguments of a model; None where there is none."""
    for value in arguments:
        if isinstance(value, (list, tuple)) and _are_images(value):
            return float(len(value))  # Detection: a list of images, each of its own size.
        size = _size_of(value)
        if size is not None:
            return size
    return None


def _are_images(values: Sequence[Any]) -> bool:
    return len(values) > 0 and all(isinstance(value, torch.Tensor) and value.ndim == 3 for value in values)


def _size_of(value: Any) -> float | None:
    if isinstance(value, torch.Tensor):
        return float(value.shape[0]) if value.ndim > 0 else None
    graphs = getattr(value, "num_graphs", None)
    if isinstance(graphs, int):
        return float(graphs)
    if isinstance(value, Mapping):
        return batch_size_of(list(value.values())[:8])
    return batch_size_of(value[:8]) if isinstance(value, (list, tuple)) else None
