"""A batch that a person gave for probes: `normlens.watch(model, probe=batch)`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from ..finding.pytorch import children_of, is_norm
from .kept import Kept, NotABatch
from .pytorch_inputs import batch_size_of, copied

#: Wrappers whose model runs by itself, without the compiler and without other processes.
_UNWRAPPED = ("OptimizedModule", "DistributedDataParallel", "DataParallel", "_FabricModule")
#: Modules in which the `forward` of a class that defines none stands. Lightning's refuses as PyTorch's does.
_NO_FORWARD = ("torch.nn.modules.module", "lightning.pytorch.core.module", "pytorch_lightning.core.module")


def given_batch(model: nn.Module, batch: Any) -> tuple[nn.Module, Kept]:
    """What a probe runs, and with which arguments.

    Args:
        model: The model as a person has it, in wrappers or not.
        batch: A tensor, a list or tuple of positional arguments, or a dictionary of arguments by name. Arguments that
            `forward` does not take, such as labels, are left out.

    Returns:
        The module that runs by itself, and a copy of the batch.

    Raises:
        NotABatch: It contains no tensor, something else than plain tensors and numbers, or less than two samples.
    """
    target = runnable(model)
    inputs, named = _arguments(target, batch)
    size = batch_size_of((*inputs, *named.values()))
    if size is None:
        raise NotABatch(
            "probe= takes a tensor with two samples or more, a tuple of such arguments, or a dictionary of them by name"
        )
    with torch.no_grad():
        return target, Kept(0, copied(inputs, size, size), size, copied(named, size, size))


def runnable(model: nn.Module) -> nn.Module:
    """The part of a model that can be called: without wrappers, and without what has no `forward` of its own."""
    module = model
    while True:
        inner = [child for name, child in children_of(module) if name == ""]
        if type(module).__name__ in _UNWRAPPED and inner:
            module = inner[0]
            continue
        if not _has_forward(module):
            # A LightningModule may call its network in `training_step` alone.
            parts = [child for _, child in children_of(module) if any(is_norm(one) for one in child.modules())]
            if len(parts) == 1:
                module = parts[0]
                continue
        return module


def placed(kept: Kept, target: nn.Module) -> Kept:
    """The batch where the model is now, and in its precision: the model may have moved since it was given."""
    like = next((parameter for parameter in target.parameters() if parameter.is_floating_point()), None)
    if like is None:
        return kept
    return Kept(kept.step, _moved(kept.inputs, like), kept.samples, _moved(kept.named, like))


def _moved(value: Any, like: torch.Tensor) -> Any:
    if isinstance(value, torch.Tensor):
        return value.to(like.device, like.dtype) if value.is_floating_point() else value.to(like.device)
    if isinstance(value, dict):
        return {name: _moved(item, like) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_moved(item, like) for item in value)
    return value


def _has_forward(module: nn.Module) -> bool:
    return isinstance(module, torch.jit.ScriptModule) or type(module).forward.__module__ not in _NO_FORWARD


def _arguments(target: nn.Module, batch: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional arguments, and those by name."""
    if isinstance(batch, (list, tuple)):
        return tuple(batch)[: _positional(target)], {}
    if isinstance(batch, Mapping):
        names, takes_all = _names(target)
        named = {name: value for name, value in batch.items() if isinstance(name, str) and (takes_all or name in names)}
        # Nothing by these names: the model takes the dictionary itself.
        return ((), named) if named else ((dict(batch),), {})
    return (batch,), {}


def _parameters(target: nn.Module) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(target.forward).parameters.values())
    except (TypeError, ValueError):
        # Scripted code has no signature: it takes what it is given.
        return [inspect.Parameter(name, kind) for name, kind in (("args", _REST), ("kwargs", _NAMED_REST))]


_REST, _NAMED_REST = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _positional(target: nn.Module) -> int | None:
    """How many positional arguments `forward` takes; None for any number."""
    parameters = _parameters(target)
    if any(parameter.kind is _REST for parameter in parameters):
        return None
    return sum(parameter.kind in _BY_PLACE for parameter in parameters)


def _names(target: nn.Module) -> tuple[set[str], bool]:
    """The names of `forward`'s arguments, and whether it takes any other name as well."""
    parameters = _parameters(target)
    names = {parameter.name for parameter in parameters if parameter.kind in _BY_NAME}
    return names, any(parameter.kind is _NAMED_REST for parameter in parameters)
