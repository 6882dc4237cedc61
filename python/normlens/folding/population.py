"""Running statistics against population statistics: how far they are apart, and what of it is noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..finding.layers import Layer
from .quantiles import quantiles

Vector = np.ndarray[Any, Any]

_TINY = 1e-30


def population_fields(
    layer: Layer, means: Vector, variances: Vector, running_mean: Vector, running_variance: Vector, samples: float
) -> dict[str, Any]:
    """As an entry of a population record (docs/run-format.md, "What the numbers mean").

    Args:
        layer: The layer.
        means: Of each batch, ``[batch, channel]``.
        variances: Likewise, of the batch itself (without Bessel's correction).
        running_mean: ``[channel]``.
        running_variance: ``[channel]``.
        samples: Values per channel in a batch.
    """
    count = len(means)
    means, variances = means.astype(np.float64), variances.astype(np.float64)
    with np.errstate(all="ignore"):
        mean = means.mean(axis=0)
        variance = np.maximum((means**2 + variances).mean(axis=0) - mean**2, _TINY)
        spread = _rms(means.std(axis=0, ddof=1) / np.sqrt(variance)) if count > 1 else float("nan")
        logs = np.log2(np.maximum(variances, _TINY))
        log_spread = _rms(logs.std(axis=0, ddof=1)) if count > 1 else float("nan")
        wander = _wander(layer.update_weight)
        batch_f = np.median(samples * means.var(axis=0, ddof=1) / variances.mean(axis=0)) if count > 1 else np.nan
        return {
            "layer": layer.id,
            "mean": quantiles(mean).tolist(),
            "variance": quantiles(variance).tolist(),
            "meanDistance": _rms((running_mean - mean) / np.sqrt(variance)),
            "varianceDistance": _rms(np.log2(np.maximum(running_variance, _TINY) / variance)),
            "noiseFloor": np.sqrt(wander + 1 / count) * spread,
            "shiftNoiseFloor": np.sqrt(1 + wander) * spread,
            "varianceNoiseFloor": np.sqrt(wander + 1 / count) * log_spread,
            "batchF": float(batch_f),
        }


def _wander(weight: Any) -> float:
    """Variance of an exponential moving average, as a share of that of its input: m/(2 − m)."""
    return weight / (2 - weight) if isinstance(weight, float) and 0 <= weight <= 1 else 0.0


def _rms(values: Vector) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
