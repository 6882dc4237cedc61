"""What can be said of the buffers of a PyTorch model without a batch."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import nn

from ..finding.pytorch import has_statistics, norms_below, unwrapped, update_weight_of
from ..packing.pytorch import parts_of
from .report import CheckReport, Remark

_LEFT = 0.05
_DEAD = 1e-3


def check(model: nn.Module) -> CheckReport:
    """Looks at the running statistics, γ and counters of a model's BN layers as they are now.

    Args:
        model: A PyTorch model, wrapped or not.
    """
    norms = norms_below(unwrapped(model))
    remarks = [remark for path, module in norms for remark in _remarks(path, module)]
    return CheckReport(tuple(remarks), len(norms))


def _remarks(path: str, module: nn.Module) -> Iterator[Remark]:
    if not has_statistics(module):
        yield Remark(
            path,
            "no-track-running-stats",
            "It has no running statistics: evaluation normalizes by the batch it is given.",
            "Set track_running_stats=True, or evaluate with batches as in training.",
        )
        return
    mean, variance, gamma, _, counter = parts_of(module)
    assert mean is not None and variance is not None
    broken = int((~(torch.isfinite(mean) & torch.isfinite(variance))).sum())
    if broken:
        yield Remark(
            path,
            "nan-in-running-stats",
            f"The running statistics of {broken} of {mean.numel()} channels are not finite.",
            "Find the batch that was not finite, then recalibrate.",
        )
        return
    if mean.dtype in (torch.float16, torch.bfloat16):
        yield Remark(
            path,
            "low-precision-statistics",
            f"Its running statistics are {str(mean.dtype).removeprefix('torch.')}: small updates are rounded away.",
            "Keep BN layers in float32 and use autocast.",
        )
    if bool((variance < 0).any()):
        yield Remark(
            path,
            "nan-in-running-stats",
            "A running variance is negative.",
            "Recalibrate: averages of weights can do that to buffers.",
        )
    yield from _about_updates(path, module, None if counter is None else int(counter))
    if gamma is not None:
        usual = float(gamma.detach().double().square().mean().sqrt())
        dead = int((gamma.detach().abs() < _DEAD * usual).sum()) if usual > 0 else gamma.numel()
        if 2 * dead >= gamma.numel():
            yield Remark(
                path,
                "gamma-dead-or-exploding",
                f"γ of {dead} of {gamma.numel()} channels is practically 0.",
                "Check the weight decay on γ, and whether it was initialized to 0 on purpose.",
            )
    epsilon = float(getattr(module, "eps", 0.0))
    if epsilon > float(variance.detach().double().median()):
        yield Remark(
            path,
            "epsilon-large",
            f"eps={epsilon:g} is larger than the running variance of half of its channels.",
            "Was momentum meant? BatchNorm2d(n, eps, momentum).",
        )


def _about_updates(path: str, module: nn.Module, updates: int | None) -> Iterator[Remark]:
    weight = update_weight_of(module)
    if updates == 0:
        yield Remark(
            path,
            "never-updated-statistics",
            "Its running statistics are still the initial 0 and 1.",
            "Train it in training mode, load a checkpoint with its statistics, or recalibrate.",
        )
    elif updates is not None and isinstance(weight, float) and 0 < weight < 1:
        left = (1 - weight) ** updates
        needed = math.ceil(math.log(0.01) / math.log(1 - weight))
        if left > _LEFT:
            yield Remark(
                path,
                "statistics-too-young",
                f"After {updates} updates at momentum={weight:g}, {100 * left:.0f} % of the initial 0 and 1 is left.",
                f"Train for {needed} updates, use a larger momentum, or recalibrate.",
            )
