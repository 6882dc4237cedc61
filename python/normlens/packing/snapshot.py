"""What all layers of a model contain at one moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Vector = np.ndarray[Any, Any]

#: γ and β that nobody wanted.
NONE = np.empty(0, np.float32)


@dataclass
class Snapshot:
    """All layers at one moment. Vectors have one value a channel, in the order of the layout.

    Attributes:
        mean: Running means.
        variance: Running variances.
        gamma: γ; NaN where a layer has none, or only a part of it is here. Empty where nobody wanted it.
        beta: β, likewise.
        updates: Updates of the running statistics a layer, -1 where no counter is kept.
        writes: How often the counter was written; grows by one with each update, and with each write from outside.
        identity: Which tensors these were: other ones after ``.to()`` or an assignment.
        training: Whether each layer is in training mode.
    """

    mean: Vector
    variance: Vector
    gamma: Vector
    beta: Vector
    updates: Vector
    writes: tuple[int, ...]
    identity: tuple[int, ...]
    training: tuple[bool, ...]

    def slim(self) -> Snapshot:
        """Without γ and β, and without what it shares memory with: what is kept until the next step is done."""
        if type(self) is not Snapshot:
            return self  # Its numbers are still on their way.
        return replace(self, mean=self.mean.copy(), variance=self.variance.copy(), gamma=NONE, beta=NONE)

    def ready(self) -> bool:
        """Whether the numbers have arrived: at once on the CPU, later from a device."""
        return True
