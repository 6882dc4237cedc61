"""How many bytes a run may take, and what takes them: recording gets sparser before it gets too large."""

from __future__ import annotations

import os

USUAL_BYTES = 200e6
_SHARES = {"norms": 0.6, "channels": 0.25, "steps": 0.1}


class Allowance:
    """A part of the budget. It is never exceeded: what is left decides how sparse recording gets."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.used = 0.0

    def pay(self, count: int) -> None:
        """So many bytes were written."""
        self.used += count

    def sparseness(self) -> float:
        """By how much the distance of samples has to grow: 1 until half is used, then more and more."""
        left = max(1e-9, 1 - self.used / self.limit)
        return max(1.0, 0.5 / left)

    def stride(self) -> int:
        """The same as a power of two: every n-th."""
        stride = 1
        while stride < self.sparseness():
            stride *= 2
        return stride


class Budget:
    """The parts of a run's budget. ``NORMLENS_MEGABYTES`` sets another size."""

    def __init__(self, limit: float | None = None) -> None:
        total = limit if limit is not None else 1e6 * float(os.environ.get("NORMLENS_MEGABYTES", USUAL_BYTES / 1e6))
        self.norms, self.channels, self.steps = (Allowance(total * share) for share in _SHARES.values())
