"""Steps at which nothing is due. Most are, so what they cost is what recording costs a training of short steps."""

from __future__ import annotations

import weakref
from typing import Any

from ..ticking.pytorch import learning_rate_of
from .pytorch_source import source_of
from .watch import Watch

#: Requests of the editor and the sign of life are looked after so often, in seconds.
_LONGEST = 2.0
#: Layers, besides the first and the last, that are looked at in a step.
_AT_ONCE = 2


class IdleSteps:
    """The next steps of a model, as long as its layers are updated as in the step before.

    A few layers stand for all: to look at a tensor that no cache has costs as much as all the rest.

    Args:
        watch: The model.
        optimizer: Its clock.
        most: For so many steps nothing is due.
        now: Seconds of `time.perf_counter`.
    """

    __slots__ = (
        "_buffers",
        "_deltas",
        "_longest",
        "_most",
        "_optimizer",
        "_run",
        "_spokesmen",
        "_until",
        "_writes",
        "count",
        "seconds",
        "spent",
        "watch",
    )

    def __init__(self, watch: Watch, optimizer: Any, most: int, now: float) -> None:
        self.watch, self._run, self._most, self._until = watch, watch.run, most, now + _LONGEST
        # An id may belong to another optimizer later.
        self._optimizer = weakref.ref(optimizer)
        # The dictionaries of buffers stay the modules' own when tensors in them are replaced.
        self._buffers = source_of(watch).buffers
        self._writes, self._deltas = watch.counted()
        self._spokesmen = spokesmen(len(self._buffers)) if self._writes else []
        self._longest = watch.run.rhythm.longest
        #: Steps so far, how long they took together, and what they cost.
        self.count, self.seconds, self.spent = 0, 0.0, 0.0

    def take(self, optimizer: Any, seconds: float, now: float) -> bool:
        """Counts a step; False where it has to be looked at. One function: each call would cost half as much again.

        Args:
            optimizer: Which did the step.
            seconds: Since the one before.
            now: Seconds of `time.perf_counter`.

        Raises:
            KeyError, AttributeError, IndexError: A layer has no counter.
        """
        count = self.count + 1
        if count > self._most or now >= self._until or self._optimizer() is not optimizer:
            return False
        for place in self._spokesmen[count % len(self._spokesmen)]:
            writes = self._buffers[place]["num_batches_tracked"]._version
            if writes != self._writes[place] + count * self._deltas[place]:
                return False
        self.count = count
        self.seconds += seconds if seconds < self._longest else self._longest
        watch, run = self.watch, self._run
        if watch.last_step == run.step:
            run.step += 1
        watch.last_step = run.step
        if run.step % run.stride == 0:
            run.step_done(learning_rate_of(optimizer), seconds)
        return True

    def end(self) -> None:
        """Tells the model and the rhythm of these steps."""
        self._run.rhythm.several(self.count, self.seconds)
        self._run.rhythm.pay(self.spent)
        optimizer = self._optimizer()
        if self.count > 0 and optimizer is not None:
            self.watch.passed_over(self.count, learning_rate_of(optimizer))


def spokesmen(layers: int) -> list[tuple[int, ...]]:
    """Places of the layers that are looked at, for one step after the other: the ends, and each in between in turn."""
    if layers <= 2 + _AT_ONCE:
        return [tuple(range(layers))]
    inner = range(1, layers - 1)
    return [(0, layers - 1, *inner[start : start + _AT_ONCE]) for start in range(0, len(inner), _AT_ONCE)]
