"""Running statistics of a PyTorch model from whole batches with the weights held still.

μ = E[μ_B], σ² = E[μ_B² + σ_B²] − μ² (Wu & Johnson 2021, "Rethinking 'Batch' in BatchNorm", section 3). Every layer
sees the batch statistics of the layers before it, as in training. Everything that is no BN layer is in evaluation mode:
these are the statistics that evaluation needs, and dropout is off there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

from ..finding.pytorch import has_statistics, norms_below, unwrapped
from .report import Recalibrated, RecalibrationReport

_TINY = 1e-30


def recalibrate(
    model: nn.Module,
    loader: Iterable[Any],
    batches: int = 200,
    call: Callable[[nn.Module, Any], Any] | None = None,
) -> RecalibrationReport:
    """Measures the running statistics of a model again.

    Weights, optimizer and modes stay as they are. Under DistributedDataParallel call it in every process: each measures
    its own batches, and all get the same statistics.

    Args:
        model: A PyTorch model, wrapped or not.
        loader: Batches composed as training composes them: shuffled, of the training set and of the training's size.
        batches: How many to measure in this process; 1,000 to 10,000 samples in all suffice (section 3.2).
        call: How the model is called with a batch. By default with the batch, the first of a list or tuple, or the
            entries of a dictionary as keyword arguments.

    Raises:
        ValueError: The model has no BN layer with running statistics, or the loader no batch.
    """
    inner = unwrapped(model)
    norms = [(path, module) for path, module in norms_below(inner) if has_statistics(module)]
    if not norms:
        raise ValueError("the model has no BN layer with running statistics")
    sums = _Sums([module for _, module in norms])
    device = next((parameter.device for parameter in inner.parameters()), torch.device("cpu"))
    with _by_batch_statistics(inner, [module for _, module in norms]), sums.listening(), torch.no_grad():
        for index, batch in enumerate(loader):
            if index >= batches:
                break
            sums.samples += _samples_of(batch)
            (call or _call)(inner, _moved(batch, device))
            sums.batches += 1
    sums.add_other_processes(device)
    if sums.batches == 0:
        raise ValueError("the loader gave no batch")
    rows = [_set(path, module, *found) for (path, module), found in zip(norms, sums.statistics()) if found is not None]
    return RecalibrationReport(tuple(rows), sums.batches, sums.samples)


class _Sums:
    """E[μ_B], E[σ_B²] and E[μ_B²] of each layer, in float64."""

    def __init__(self, modules: list[nn.Module]) -> None:
        self.batches = 0
        self.samples = 0
        self._places = {id(module): place for place, module in enumerate(modules)}
        self._sums: list[torch.Tensor | None] = [None] * len(modules)
        self._counts = [0] * len(modules)

    @contextmanager
    def listening(self) -> Iterator[None]:
        handle = register_module_forward_pre_hook(self._add)
        try:
            yield
        finally:
            handle.remove()

    def _add(self, module: nn.Module, inputs: Any) -> None:
        place = self._places.get(id(module))
        if place is None or not inputs:
            return
        values = inputs[0].detach().transpose(0, 1).flatten(1).double()
        variance, mean = torch.var_mean(values, 1, unbiased=False)
        new = torch.stack([mean, variance, mean**2])
        old = self._sums[place]
        self._sums[place] = new if old is None else old + new
        self._counts[place] += 1

    def add_other_processes(self, device: torch.device) -> None:
        distributed = torch.distributed
        if not distributed.is_available() or not distributed.is_initialized():
            return
        counts = torch.tensor([self.batches, self.samples, *self._counts], dtype=torch.float64, device=device)
        distributed.all_reduce(counts)
        self.batches, self.samples, *self._counts = [int(count) for count in counts.tolist()]
        for total in self._sums:
            if total is not None:
                distributed.all_reduce(total)

    def statistics(self) -> list[tuple[torch.Tensor, torch.Tensor] | None]:
        """Mean and variance of each layer; None where it was not called."""
        found: list[tuple[torch.Tensor, torch.Tensor] | None] = []
        for total, count in zip(self._sums, self._counts):
            if total is None:
                found.append(None)
                continue
            mean, variance, square = total / count
            found.append((mean, variance + square - mean**2))
        return found


@contextmanager
def _by_batch_statistics(model: nn.Module, norms: list[nn.Module]) -> Iterator[None]:
    """BN layers normalize by their batch and update nothing; all else is in evaluation mode."""
    modes = [(module, module.training) for module in model.modules()]
    names = ("running_mean", "running_var", "num_batches_tracked")
    buffers = [{name: module._buffers.get(name) for name in names} for module in norms]
    try:
        for module, _ in modes:
            module.training = False
        for module in norms:
            module.training = True
            module._buffers.update(dict.fromkeys(names))
        yield
    finally:
        for module, kept in zip(norms, buffers):
            module._buffers.update(kept)
        for module, mode in modes:
            module.training = mode


def _set(path: str, module: nn.Module, mean: torch.Tensor, variance: torch.Tensor) -> Recalibrated:
    running_mean, running_variance = module._buffers["running_mean"], module._buffers["running_var"]
    assert running_mean is not None and running_variance is not None
    sigma = variance.clamp_min(_TINY).sqrt()
    off = ((running_mean.double() - mean) / sigma).square().mean().sqrt()
    ratio = (running_variance.double().clamp_min(_TINY) / variance.clamp_min(_TINY)).log2()
    with torch.no_grad():
        running_mean.copy_(mean)
        running_variance.copy_(variance)
    return Recalibrated(path, float(off), float(ratio.square().mean().sqrt()))


def _call(model: nn.Module, batch: Any) -> Any:
    if isinstance(batch, Mapping):
        return model(**batch)
    return model(batch[0] if isinstance(batch, (list, tuple)) else batch)


def _moved(batch: Any, device: torch.device) -> Any:
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, Mapping):
        return {name: _moved(value, device) for name, value in batch.items()}
    return [_moved(value, device) for value in batch] if isinstance(batch, (list, tuple)) else batch


def _samples_of(batch: Any) -> int:
    if isinstance(batch, torch.Tensor):
        return int(batch.shape[0]) if batch.ndim else 1
    if isinstance(batch, Mapping):
        batch = list(batch.values())
    return _samples_of(batch[0]) if isinstance(batch, (list, tuple)) and batch else 1
