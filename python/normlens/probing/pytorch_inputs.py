"""Batches that a model was given, kept for probes: a few, small, and some updates old.

Never the newest alone: with an update weight near 1 the running statistics *are* the last batch, and a probe on it would
find no difference.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

#: Batches that are kept, and bytes that each may have; a larger one is cut to its first samples.
_KEPT = 4
_MOST_BYTES = 8_000_000


@dataclass
class Kept:
    """A batch.

    Attributes:
        step: The step it was trained in.
        inputs: The arguments of the model's call.
        samples: How many samples are in it.
    """

    step: int
    inputs: tuple[Any, ...]
    samples: int


class KeptInputs:
    """The batches of one model."""

    def __init__(self) -> None:
        self.target: weakref.ref[nn.Module] | None = None
        #: Whether the loss is a cross-entropy over classes, as its gradient says; None where no gradient was seen.
        self.classes: bool | None = None
        self.fixed = False
        self._kept: deque[Kept] = deque(maxlen=_KEPT)

    def keep(self, module: nn.Module, inputs: tuple[Any, ...], step: int) -> None:
        """A batch that the model was given now."""
        if self.fixed:
            return
        size = _batch_size(inputs)
        if size is None:
            return
        if self.target is None or self.target() is not module:
            self.target = weakref.ref(module)
            self._kept.clear()
        total = sum(tensor.numel() * tensor.element_size() for tensor in _tensors(inputs))
        samples = size if total <= _MOST_BYTES else max(2, int(size * _MOST_BYTES / total))
        with torch.no_grad():
            self._kept.append(Kept(step, _copied(inputs, size, min(size, samples)), min(size, samples)))

    def fix(self, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        """A person's own batch: the only one from now on."""
        self.keep(module, inputs, 0)
        self.fixed = True

    def all(self) -> list[Kept]:
        """Those that are kept, oldest first."""
        return list(self._kept)


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [tensor for item in value for tensor in _tensors(item)] if isinstance(value, (list, tuple)) else []


def _batch_size(inputs: tuple[Any, ...]) -> int | None:
    """The first dimension of the first tensor; None where the arguments contain something else than plain tensors."""
    tensors = _tensors(inputs)
    if not tensors or not all(type(tensor) is torch.Tensor for tensor in tensors) or not _is_plain(inputs):
        return None
    return int(tensors[0].shape[0]) if tensors[0].ndim > 0 and tensors[0].shape[0] > 1 else None


def _is_plain(value: Any) -> bool:
    if isinstance(value, (torch.Tensor, int, float, bool, str, type(None))):
        return True
    if isinstance(value, dict):
        return all(_is_plain(item) for item in value.values())
    return type(value) in (list, tuple) and all(_is_plain(item) for item in value)


def _copied(value: Any, size: int, samples: int) -> Any:
    """A copy; tensors with the batch first are cut to so many samples."""
    if isinstance(value, torch.Tensor):
        cut = value[:samples] if value.ndim > 0 and value.shape[0] == size else value
        return cut.detach().clone()
    if isinstance(value, dict):
        return {name: _copied(item, size, samples) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_copied(item, size, samples) for item in value)
    return value
