"""The batch that was folded into running statistics, and how exact that is known.

running = (1 − m′)·old + m′·batch, so batch = (new − (1 − m′)·old) / m′, where m′ = 1 − (1 − m)^k for k updates with
the update weight m (Ioffe & Szegedy 2015, section 3.1, for the statistics themselves). With k > 1 it is the mean of
k batches with weights (1 − m)^(k−1−j)·m / m′, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Union

import numpy as np

Vector = np.ndarray[Any, Any]
UpdateWeight = Union[float, str, None]

CUMULATIVE = "cumulative"
#: Half a unit in the last place of float32, relative.
ROUNDING = 2.0**-24
#: What batch statistics themselves are off by in float32, in σ and relative: measured against float64.
MEAN_ERROR = 1e-6
VARIANCE_ERROR = 4e-6
_TINY = 1e-30


@dataclass(frozen=True)
class Batch:
    """Batch statistics of some channels, in float64.

    Attributes:
        mean: Of the batch.
        variance: Of the batch, by the estimator that the running variance uses.
        mean_error: Bound of the error of ``mean``, in σ.
        variance_error: Bound of the error of ``variance``, relative.
    """

    mean: Vector
    variance: Vector
    mean_error: Vector
    variance_error: Vector


def effective_weight(weight: UpdateWeight, updates: int, total: int) -> float:
    """m′: the weight of everything that came in ``updates`` updates.

    Args:
        weight: Of the new value in one update, or ``cumulative`` (PyTorch's ``momentum=None``).
        updates: k, at least 1.
        total: Updates since the statistics began, these included.

    Returns:
        NaN where it is unknown; 0 where nothing of the batch gets in.
    """
    if weight == CUMULATIVE:
        return updates / total if total > 0 else float("nan")
    if not isinstance(weight, (int, float)):
        return float("nan")
    return float(1.0 - (1.0 - weight) ** updates)


def mixture_share(weight: UpdateWeight, updates: int) -> float:
    """Σw² of the weights with which k batches are mixed: 1 for one batch, 1/k for equal weights.

    The variance of the mixture's mean is that of one batch's times this.
    """
    if weight == CUMULATIVE or not isinstance(weight, (int, float)) or weight <= 0:
        return 1.0 / max(1, updates)
    shares = weight * (1.0 - weight) ** np.arange(max(1, updates))
    total = shares.sum()
    return float((shares**2).sum() / total**2) if total > 0 else 1.0


def invert(
    old_mean: Vector,
    old_variance: Vector,
    new_mean: Vector,
    new_variance: Vector,
    weights: Vector,
    updates: Vector,
    kept: Vector | None = None,
) -> Batch:
    """Reads a batch back.

    Args:
        old_mean: Running means before, one value a channel.
        old_variance: Running variances before.
        new_mean: Running means after.
        new_variance: Running variances after.
        weights: m′ of each channel's layer; NaN or 0 gives NaN.
        updates: k of each channel's layer.
        kept: Weight of the old value, where rounding makes it something else than 1 − m′ (Keras).
    """
    weight = np.where(weights == 0, np.nan, weights)
    keep = 1 - weight if kept is None else kept
    with np.errstate(all="ignore"):
        mean = (new_mean - keep * old_mean) / weight
        variance = (new_variance - keep * old_variance) / weight
        rounding = ROUNDING * updates / weight
        variance_rounding = rounding * (np.abs(new_variance) + np.abs(old_variance))
        # Of a batch of one sample there is only rounding.
        variance[(variance < 0) & (variance > -variance_rounding)] = 0
        positive = np.maximum(variance, _TINY)
        sigma = np.sqrt(positive)
        mean_rounding = rounding * (np.abs(new_mean) + np.abs(old_mean))
        mean_error = mean_rounding / sigma + MEAN_ERROR * (1 + np.abs(mean) / sigma)
        variance_error = variance_rounding / positive + VARIANCE_ERROR
    return Batch(mean, variance, mean_error, variance_error)
