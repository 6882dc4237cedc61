"""At which steps single channels are recorded: further and further apart, at the same steps in every rank."""

from __future__ import annotations

import math

_GROWTH = 0.25
_LONGEST_RUN = 1e7


class ChannelSteps:
    """Steps of one phase of a training, counted from its beginning."""

    def __init__(self, bytes_per_sample: int, budget: float) -> None:
        affordable = max(2, int(budget / max(1, bytes_per_sample)))
        self._growth = max(_GROWTH, _LONGEST_RUN ** (1 / (affordable - 1)) - 1)
        #: The next of them.
        self.next = 1

    def is_due(self, step: int) -> bool:
        """Whether this step's channels are recorded."""
        return step >= self.next

    def take(self, step: int) -> None:
        """They are recorded now."""
        self.next = step + max(1, math.ceil(step * self._growth))
