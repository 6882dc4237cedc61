"""With which weights the passes of a step were mixed into the running statistics of each layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..finding.layers import Layer
from ..inverting.invert import CUMULATIVE, effective_weight, mixture_share

Vector = np.ndarray[Any, Any]

#: Types that a batch can be read back from.
_READABLE = ("float32", "float64")


@dataclass(frozen=True)
class Weights:
    """One value a layer.

    Attributes:
        new: m′; NaN where the batch cannot be read back.
        kept: Weight of the old value.
        mixture: Σw² of the passes.
        epsilon: ε.
    """

    new: Vector
    kept: Vector
    mixture: Vector
    epsilon: Vector


class WeightsCache:
    """Nearly every step has the passes of the one before."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._key: Any = None
        self._weights: Any = None

    def of(self, passes: Vector, totals: Vector, valid: Vector) -> Weights:
        """The weights of layers with so many passes in this step, and so many updates in all."""
        momenta = tuple(layer.update_weight for layer in self._layers)
        key = (passes.tobytes(), valid.tobytes(), momenta, totals.tobytes() if CUMULATIVE in momenta else b"")
        if key != self._key:
            self._key, self._weights = key, self._make(passes, totals, valid)
        result: Weights = self._weights
        return result

    def _make(self, passes: Vector, totals: Vector, valid: Vector) -> Weights:
        new, kept, mixture = [], [], []
        for layer, k, n, is_valid in zip(self._layers, passes.tolist(), totals.tolist(), valid.tolist()):
            readable = is_valid and k > 0 and layer.dtype in _READABLE
            weight = effective_weight(layer.update_weight, k, n) if readable else float("nan")
            new.append(weight)
            kept.append(_kept(layer, k, weight))
            mixture.append(mixture_share(layer.update_weight, max(1, k)))
        epsilon = [layer.epsilon for layer in self._layers]
        return Weights(np.array(new), np.array(kept), np.array(mixture), np.array(epsilon))


def _kept(layer: Layer, passes: int, weight: float) -> float:
    """Keras multiplies by its momentum in float32, which is not 1 minus the new value's weight."""
    if layer.framework == "keras" and layer.dtype == "float32" and isinstance(layer.update_weight, float):
        return float(np.float64(np.float32(1.0 - layer.update_weight)) ** max(1, passes))
    return 1.0 - weight
