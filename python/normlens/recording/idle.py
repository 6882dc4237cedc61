"""Steps at which nothing is due. Most are, so what they cost is what recording costs a training of short steps."""

from __future__ import annotations

import math
import time
import weakref
from collections.abc import Callable
from typing import Any

from .watch import Watch

#: Requests of the editor and the sign of life are looked after so often, in seconds.
_LONGEST = 2.0
#: Layers, besides the first and the last, that are looked at in a step.
_AT_ONCE = 2

#: Whether the layers at these places were updated in each of so many steps as in the one before.
IsUsual = Callable[[tuple[int, ...], int], bool]
#: Counts a step of a clock; False where the step has to be looked at.
Take = Callable[[Any], bool]


class Idle:
    """The steps that are idle now: the next ones of each clock, while layers are updated as in the one before.

    Args:
        usual: For a model, what looks at its layers. It may raise: then no step of this process is idle any more.
        learning_rate: Asks a clock for it.

    Attributes:
        takes: By the id of a clock. Asked before anything else, so that most steps meet one function of ours.
        left: When the last step was done with, as its only item: all of them share it. NaN where that says nothing.
    """

    def __init__(self, usual: Callable[[Watch], IsUsual], learning_rate: Callable[[Any], float]) -> None:
        self._usual, self._learning_rate = usual, learning_rate
        self._works = True
        self._ends: dict[int, Callable[[], None]] = {}
        self.takes: dict[int, Take] = {}
        self.left = [math.nan]

    def begin(self, watch: Watch, clock: Any, most: float) -> None:
        """So many steps are idle from here on."""
        count = int(min(most, watch.idle_steps()))
        if count > 0 and self._works:
            self.takes[id(clock)], self._ends[id(clock)] = self._passing(watch, clock, count)

    def end(self, clock: Any) -> None:
        """A step of this clock is looked at."""
        if self.takes.pop(id(clock), None) is not None:
            self._ends.pop(id(clock))()

    def end_all(self) -> None:
        """Something is about to look at the run."""
        self.takes.clear()
        while self._ends:
            self._ends.popitem()[1]()

    def forget(self) -> None:
        """This is a forked child: nothing of it is its own."""
        self.takes.clear()
        self._ends.clear()

    def _passing(self, watch: Watch, clock: Any, most: int) -> tuple[Take, Callable[[], None]]:
        """What takes the steps, and what tells the model and the rhythm of them.

        A few layers stand for all. Functions with few names instead of objects: whatever a step of the recorder touches
        has left the caches since the last one, and to fetch it again is nearly all that the step costs.
        """
        run, is_usual, learning_rate = watch.run, self._usual(watch), self._learning_rate
        # An id may belong to another clock later.
        reference = weakref.ref(clock)
        now, left = time.perf_counter, self.left
        until, longest = now() + _LONGEST, run.rhythm.longest
        turns = spokesmen(len(watch.layers))
        stride = run.stride
        count, total, spent, kept = 0, 0.0, 0.0, stride - run.step % stride

        def take(clock: Any) -> bool:
            nonlocal count, total, spent, kept
            entered = now()
            coming = count + 1
            if coming > most or entered >= until or reference() is not clock:
                return False
            try:
                if not is_usual(turns[coming % len(turns)], coming):
                    return False
            except Exception:  # If it was ours, the guard hears of it now, when the step is looked at.
                self._works = False
                return False
            count = coming
            seconds = entered - left[0]
            total += seconds if seconds < longest else longest
            if watch.last_step == run.step:
                run.step += 1
            watch.last_step = run.step
            if coming >= kept:
                kept += stride
                run.step_done(learning_rate(clock), seconds)
            left[0] = done = now()
            spent += done - entered
            return True

        def end() -> None:
            run.rhythm.several(count, total)
            run.rhythm.pay(spent)
            # A function that made the optimizer may have returned since.
            clock = reference()
            watch.passed_over(count, None if clock is None else learning_rate(clock))

        return take, end


def spokesmen(layers: int) -> list[tuple[int, ...]]:
    """Places of the layers that are looked at, for one step after the other: the ends, and each in between in turn."""
    if layers <= 2 + _AT_ONCE:
        return [tuple(range(layers))]
    inner = range(1, layers - 1)
    return [(0, layers - 1, *inner[start : start + _AT_ONCE]) for start in range(0, len(inner), _AT_ONCE)]


def next_refresh(relative: int) -> int:
    """The next step of a phase, a power of two, after which facts are looked up again, and copies looked for."""
    return 1 << max(0, relative).bit_length()
