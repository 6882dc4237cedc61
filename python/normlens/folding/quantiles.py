"""Quantiles over channels, many layers at once."""

from __future__ import annotations

from typing import Any

import numpy as np

_AT = np.array([0.0, 0.25, 0.5, 0.75, 1.0])

Vector = np.ndarray[Any, Any]


def quantiles(values: Vector) -> Vector:
    """Minimum, lower quartile, median, upper quartile, maximum, interpolated as numpy's default does.

    Args:
        values: ``[..., channel]``; a row with a value that is not finite gives NaN.

    Returns:
        ``[..., 5]``.
    """
    width = values.shape[-1]
    place = _AT * (width - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, width - 1)
    share = place - below
    ordered = np.sort(values, axis=-1)
    with np.errstate(invalid="ignore"):
        result: Vector = ordered[..., below] * (1 - share) + ordered[..., above] * share
    # NaN sorts to the end and infinity to an end: such a row is not finite somewhere.
    broken = ~(np.isfinite(ordered[..., 0]) & np.isfinite(ordered[..., -1]))
    result[broken] = np.nan
    return result
