"""Calls that come a few times an epoch and say what optimizer steps do not.

Each is wrapped on its class, so nothing is added to a person's objects, and each does its work after the original's.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from ..finding.pytorch import is_norm, named_modules
from ..probing.pytorch import is_compiling


class Listener(Protocol):
    """Hears what happens to models."""

    def mode_set(self, root: nn.Module, training: bool) -> None:
        """`train()` or `eval()` was called on a model, and on what is in it."""

    def loaded(self, module: nn.Module, layers: dict[int, tuple[bool, bool]]) -> None:
        """`load_state_dict` was called. By the layer's id: whether its weights, its statistics were in it."""

    def saved(self, names: Mapping[str, Any], path: str | None) -> None:
        """A state was written: its keys."""

    def reset(self, module: nn.Module) -> None:
        """A layer's running statistics were set to 0 and 1."""


def listen(listener: Listener) -> None:
    """Wraps the calls."""
    _listen_to_modes(listener)
    _listen_to_loading(listener)
    _listen_to_saving(listener)
    _listen_to_resets(listener)


def _listen_to_modes(listener: Listener) -> None:
    original = nn.Module.train
    depth = threading.local()

    @functools.wraps(original)
    def train(self: Any, mode: bool = True) -> Any:
        if is_compiling() or getattr(depth, "inside", False):
            return original(self, mode)
        depth.inside = True
        try:
            result = original(self, mode)
        finally:
            depth.inside = False
        listener.mode_set(self, bool(mode))
        return result

    nn.Module.train = train  # type: ignore[method-assign]


def _listen_to_loading(listener: Listener) -> None:
    original = nn.Module.load_state_dict

    @functools.wraps(original)
    def load_state_dict(self: Any, state_dict: Any, *args: Any, **kwargs: Any) -> Any:
        keys = set(state_dict) if isinstance(state_dict, Mapping) else set()
        result = original(self, state_dict, *args, **kwargs)
        layers = {}
        for path, module in _plain_named(self):
            if is_norm(module):
                prefix = f"{path}." if path else ""
                layers[id(module)] = (f"{prefix}weight" in keys, f"{prefix}running_mean" in keys)
        if layers:
            listener.loaded(self, layers)
        return result

    nn.Module.load_state_dict = load_state_dict  # type: ignore[method-assign]


def _plain_named(module: nn.Module) -> Any:
    """Paths as a state dict has them, wrappers included."""
    return module.named_modules(remove_duplicate=False)


def _listen_to_saving(listener: Listener) -> None:
    original = torch.save

    @functools.wraps(original)
    def save(obj: Any, f: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(obj, f, *args, **kwargs)
        path = os.path.basename(os.fspath(f)) if isinstance(f, (str, os.PathLike)) else None
        for names in _states_in(obj):
            listener.saved(names, str(path) if path is not None else None)
        return result

    torch.save = save


def _states_in(obj: Any, depth: int = 0) -> list[Mapping[str, Any]]:
    """The state dicts in what is saved: a name to a tensor, at most three levels down."""
    if isinstance(obj, nn.Module):
        return [dict.fromkeys(_state_names(obj))]
    if not isinstance(obj, Mapping) or depth > 3:
        return []
    if any(isinstance(value, torch.Tensor) and isinstance(key, str) for key, value in list(obj.items())[:512]):
        return [obj]
    return [state for value in list(obj.values())[:64] for state in _states_in(value, depth + 1)]


def _state_names(module: nn.Module) -> list[str]:
    names = [name for name, _ in module.named_parameters()]
    return names + [name for name, _ in module.named_buffers()]


def _listen_to_resets(listener: Listener) -> None:
    original = _NormBase.reset_running_stats

    @functools.wraps(original)
    def reset_running_stats(self: Any) -> None:
        original(self)
        if not is_compiling():
            listener.reset(self)

    _NormBase.reset_running_stats = reset_running_stats  # type: ignore[method-assign]


__all__ = ["Listener", "listen", "named_modules"]
