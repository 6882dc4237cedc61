"""Runs a PyTorch model on kept batches with batch, running and population statistics, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import SyncBatchNorm

from ..packing.pytorch import parts_of
from .kept import Kept, Plan
from .probe import By, CannotProbe, Probed, Seen, Vector, compare
from .pytorch_pass import batch_statistics, eager, given_statistics, nothing_left_behind, one_pass


def probe(plan: Plan, modules: Sequence[nn.Module]) -> Probed:
    """Compares the modes of a model.

    Args:
        plan: The model, or the part of it that is called, and the batches.
        modules: All BN layers of the model by place.

    Raises:
        CannotProbe: It would not be safe, or the model's answer is nothing to compare.
    """
    target = plan.target
    _refuse_unsafe(target, modules)
    # Where a part of the model was called, the others are not run, and stay as they are.
    inside = {id(module) for module in target.modules()}
    places = {id(module): place for place, module in enumerate(modules) if module.training and id(module) in inside}
    if not places:
        raise CannotProbe("no BN layer is in training mode")
    with nothing_left_behind(target), torch.no_grad(), eager():
        for module in target.modules():
            module.training = False
        return compare(plan, TorchPasses(target, modules, places))


class TorchPasses:
    """Passes of a model that is in evaluation mode.

    Args:
        target: The model, or the part of it that is called.
        modules: All BN layers of the model by place.
        places: Places of the layers that are compared, by the id of their module.
    """

    def __init__(self, target: nn.Module, modules: Sequence[nn.Module], places: Mapping[int, int]) -> None:
        self._target, self._modules, self._places = target, modules, places

    def run(self, batch: Kept, by: By) -> tuple[Vector | None, Seen]:
        """The output, and what the layers were given."""
        if by == "running":
            return one_pass(self._target, batch, self._places)
        if by == "batch":
            with batch_statistics(self._modules, self._places):
                return one_pass(self._target, batch, self._places)
        with given_statistics(self._modules, by):
            return one_pass(self._target, batch, self._places)

    def running(self, place: int) -> tuple[Vector, Vector] | None:
        """The running statistics of a layer; None where it has none."""
        mean, variance, *_ = parts_of(self._modules[place])
        return None if mean is None or variance is None else (_numbers(mean), _numbers(variance))

    def epsilon(self, place: int) -> float:
        """What a layer adds to the variance."""
        return float(getattr(self._modules[place], "eps", 1e-5))


def _numbers(values: torch.Tensor) -> Vector:
    result: Vector = values.detach().float().cpu().numpy()
    return result


def _refuse_unsafe(target: nn.Module, modules: Sequence[nn.Module]) -> None:
    if any(isinstance(module, SyncBatchNorm) for module in modules):
        raise CannotProbe("SyncBatchNorm talks to other processes, which do not probe at the same time")
    for module in target.modules():
        name = type(module).__name__
        if name in ("FullyShardedDataParallel", "DistributedDataParallel") or hasattr(module, "_get_fsdp_state"):
            raise CannotProbe(f"{name} talks to other processes, which do not probe at the same time")
        if name == "OptimizedModule" and not hasattr(torch.compiler, "set_stance"):
            raise CannotProbe("a part of the model is compiled, which PyTorch runs without the compiler from 2.6 on")
        if module._forward_hooks or module._forward_pre_hooks:
            raise CannotProbe(f"{name} has a forward hook, which would notice the probe")


def refuse_sharded(root: Any) -> None:
    """Refuses a model of which no process has all parameters, whichever part of it would be run.

    Raises:
        CannotProbe: It is one.
    """
    for module in root.modules():
        if type(module).__name__ == "FullyShardedDataParallel" or hasattr(module, "_get_fsdp_state"):
            raise CannotProbe("the parameters of the model are divided among processes (FSDP)")
