"""Calls that come a few times an epoch and say what optimizer steps do not.

Each is wrapped on its class, so nothing is added to a person's objects, and each does its work after the original's.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from ..attaching.importing import ImportHook
from ..finding.pytorch import is_norm
from ..ticking.pytorch_tracing import is_traced

_SAFETENSORS = "safetensors.torch"


class Listener(Protocol):
    """Hears what happens to models. Nothing it does may raise."""

    def mode_set(self, root: nn.Module, training: bool) -> None:
        """`train()` or `eval()` was called on a model, and on what is in it."""

    def loaded(self, module: nn.Module, keys: frozenset[str]) -> None:
        """`load_state_dict` was called, with these names."""

    def saved(self, thing: Any, file: Any) -> None:
        """`torch.save`, or what writes safetensors, was called."""

    def reset(self, module: nn.Module) -> None:
        """A layer's running statistics were set to 0 and 1."""


def listen(listener: Listener) -> None:
    """Wraps the calls."""
    _listen_to_modes(listener)
    _listen_to_loading(listener)
    _listen_to_saving(listener)
    _listen_to_safetensors(listener)
    _listen_to_resets(listener)


def _listen_to_modes(listener: Listener) -> None:
    original = nn.Module.train
    depth = threading.local()

    @functools.wraps(original)
    def train(self: Any, mode: bool = True) -> Any:
        if is_traced() or getattr(depth, "inside", False):
            return original(self, mode)
        depth.inside = True
        try:
            result = original(self, mode)
        finally:
            depth.inside = False
        listener.mode_set(self, mode)
        return result

    nn.Module.train = train  # type: ignore[method-assign]


def _listen_to_loading(listener: Listener) -> None:
    original = nn.Module.load_state_dict

    @functools.wraps(original)
    def load_state_dict(self: Any, state_dict: Any, *args: Any, **kwargs: Any) -> Any:
        # Before the call, which may take entries out.
        keys = _keys_of(state_dict)
        result = original(self, state_dict, *args, **kwargs)
        listener.loaded(self, keys)
        return result

    nn.Module.load_state_dict = load_state_dict  # type: ignore[method-assign]


def _keys_of(state_dict: Any) -> frozenset[str]:
    try:
        return frozenset(key for key in state_dict if isinstance(key, str))
    except Exception:
        return frozenset()


def norms_loaded(module: nn.Module, keys: frozenset[str]) -> dict[int, tuple[bool, bool]]:
    """By the id of each BN layer below a module: whether its weights, its running statistics are among the names."""
    found = {}
    # Paths as a state dict has them, wrappers included.
    for path, norm in module.named_modules(remove_duplicate=False):
        if is_norm(norm):
            prefix = f"{path}." if path else ""
            found[id(norm)] = (f"{prefix}weight" in keys, f"{prefix}running_mean" in keys)
    return found


def _listen_to_saving(listener: Listener) -> None:
    original = torch.save

    @functools.wraps(original)
    def save(obj: Any, f: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(obj, f, *args, **kwargs)
        listener.saved(obj, f)
        return result

    torch.save = save


def _listen_to_safetensors(listener: Listener) -> None:
    """What writes with safetensors takes its function by name, so it is wrapped as soon as it is there."""

    def wrap(name: str) -> None:
        with contextlib.suppress(Exception):  # A version without that function is not heard.
            module = sys.modules[name]
            original = module.save_file

            @functools.wraps(original)
            def save_file(tensors: Any, filename: Any, *args: Any, **kwargs: Any) -> Any:
                result = original(tensors, filename, *args, **kwargs)
                listener.saved(tensors, filename)
                return result

            module.save_file = save_file  # type: ignore[attr-defined]

    if hasattr(sys.modules.get(_SAFETENSORS), "save_file"):
        wrap(_SAFETENSORS)
    else:
        sys.meta_path.insert(0, ImportHook([_SAFETENSORS], wrap))


def states_in(thing: Any, depth: int = 0) -> list[set[str]]:
    """The names of the state dicts in what is saved, at most three levels down."""
    if isinstance(thing, nn.Module):
        return [{name for name, _ in [*thing.named_parameters(), *thing.named_buffers()]}]
    if not isinstance(thing, Mapping) or depth > 3:
        return []
    if any(isinstance(value, torch.Tensor) and isinstance(key, str) for key, value in list(thing.items())[:512]):
        return [{key for key in thing if isinstance(key, str)}]
    return [state for value in list(thing.values())[:64] for state in states_in(value, depth + 1)]


def _listen_to_resets(listener: Listener) -> None:
    original = _NormBase.reset_running_stats

    @functools.wraps(original)
    def reset_running_stats(self: Any) -> None:
        original(self)
        if not is_traced():
            listener.reset(self)

    _NormBase.reset_running_stats = reset_running_stats  # type: ignore[method-assign]
