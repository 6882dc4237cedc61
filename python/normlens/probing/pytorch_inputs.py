"""Batches that a model was given, kept for probes: a few, small, and some updates old.

Never the newest alone: with an update weight near 1 the running statistics *are* the last batch, and a probe on it
would find no difference.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from ..finding.pytorch import unwrapped
from .kept import KEPT, Kept, Plan, fitting


class KeptInputs:
    """The batches of one model."""

    def __init__(self) -> None:
        #: Whether the loss is a cross-entropy over classes, as its gradient says; None where no gradient was seen.
        self.classes: bool | None = None
        self._called: weakref.ref[nn.Module] | None = None
        self._kept: deque[Kept] = deque(maxlen=KEPT)
        self._given: tuple[weakref.ref[nn.Module], Kept] | None = None

    @property
    def is_given(self) -> bool:
        """Whether a person gave the batch for probes."""
        return self._given is not None

    def keep(self, module: nn.Module, inputs: tuple[Any, ...], step: int) -> None:
        """A batch that the model was given now."""
        if self._called is None or self._called() is not module:
            self._called = weakref.ref(module)
            self._kept.clear()
        size = batch_size_of(inputs)
        if size is None:
            return
        total = sum(tensor.numel() * tensor.element_size() for tensor in _tensors(inputs))
        samples = fitting(size, total)
        with torch.no_grad():
            self._kept.append(Kept(step, copied(inputs, size, samples), samples))

    def give(self, target: nn.Module, batch: Kept) -> None:
        """A person's own batch: the modes are compared on it from now on."""
        self._given = (weakref.ref(target), batch)

    def plan(self) -> Plan | None:
        """What a probe would run now; None without a batch."""
        called = self._called() if self._called is not None else None
        seen, classes = list(self._kept), self.classes is True
        if self._given is None:
            return Plan(called, seen[0], seen, classes) if called is not None and seen else None
        target, batch = self._given[0](), self._given[1]
        if target is None:
            return None
        if called is None or unwrapped(called) is not target:
            # What was seen are arguments of something else.
            seen, classes = [], False
        return Plan(target, batch, seen, classes)


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [tensor for item in value for tensor in _tensors(item)] if isinstance(value, (list, tuple)) else []


def batch_size_of(inputs: tuple[Any, ...]) -> int | None:
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


def copied(value: Any, size: int, samples: int) -> Any:
    """A copy; tensors with the batch first are cut to so many samples."""
    if isinstance(value, torch.Tensor):
        cut = value[:samples] if value.ndim > 0 and value.shape[0] == size else value
        return cut.detach().clone()
    if isinstance(value, dict):
        return {name: copied(item, size, samples) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(copied(item, size, samples) for item in value)
    return value
