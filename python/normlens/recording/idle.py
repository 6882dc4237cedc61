"""Steps at which nothing is due. Most are, so what they cost is what recording costs a training of short steps."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

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
        clock: Its optimizer, or the Keras model that `fit` trains.
        most: For so many steps nothing is due.
        now: Seconds of `time.perf_counter`.
        learning_rate: Asks a clock for it.
    """

    def __init__(self, watch: Watch, clock: Any, most: int, now: float, learning_rate: Callable[[Any], float]) -> None:
        self.watch, self._run, self._most, self._until = watch, watch.run, most, now + _LONGEST
        # An id may belong to another clock later.
        self._clock = weakref.ref(clock)
        self._learning_rate = learning_rate
        self._writes, self._deltas = watch.counted()
        self._spokesmen = spokesmen(len(self._writes))
        self._longest = watch.run.rhythm.longest
        #: Steps so far, how long they took together, and what they cost.
        self.count, self.seconds, self.spent = 0, 0.0, 0.0

    def is_usual(self, places: tuple[int, ...], count: int) -> bool:
        """Whether these layers were updated in each of so many steps as in the one before."""
        raise NotImplementedError

    def take(self, clock: Any, seconds: float, now: float) -> bool:
        """Counts a step; False where it has to be looked at. There are few calls: cold ones cost a microsecond each.

        Args:
            clock: Which did the step.
            seconds: Since the one before.
            now: Seconds of `time.perf_counter`.
        """
        count = self.count + 1
        if count > self._most or now >= self._until or self._clock() is not clock:
            return False
        if not self.is_usual(self._spokesmen[count % len(self._spokesmen)], count):
            return False
        self.count = count
        self.seconds += seconds if seconds < self._longest else self._longest
        watch, run = self.watch, self._run
        if watch.last_step == run.step:
            run.step += 1
        watch.last_step = run.step
        if run.step % run.stride == 0:
            run.step_done(self._learning_rate(clock), seconds)
        return True

    def end(self) -> None:
        """Tells the model and the rhythm of these steps."""
        self._run.rhythm.several(self.count, self.seconds)
        self._run.rhythm.pay(self.spent)
        # A function that made the optimizer may have returned since.
        clock = self._clock()
        self.watch.passed_over(self.count, None if clock is None else self._learning_rate(clock))


class Idle:
    """What is idle now, by the id of the clock.

    Args:
        make: Makes the idle steps of a framework.
    """

    def __init__(self, make: Callable[[Watch, Any, int, float], IdleSteps]) -> None:
        self._make = make
        self._steps: dict[int, IdleSteps] = {}
        self._works = True

    def take(self, clock: Any, left: float | None, now: float) -> IdleSteps | None:
        """The idle steps that this step is one of, if it is; `left` is when the last one was done with."""
        idle = self._steps.get(id(clock))
        if idle is None or left is None:
            return None
        try:
            return idle if idle.take(clock, now - left, now) else None
        except Exception:  # If it was ours, the guard hears of it now, when the step is looked at.
            self._works = False
            return None

    def begin(self, watch: Watch, clock: Any, most: float, now: float) -> None:
        """So many steps are idle from here on."""
        count = int(min(most, watch.idle_steps()))
        if count > 0 and self._works:
            self._steps[id(clock)] = self._make(watch, clock, count, now)

    def end(self, clock: Any) -> None:
        """A step of this clock is looked at."""
        idle = self._steps.pop(id(clock), None)
        if idle is not None:
            idle.end()

    def end_all(self) -> None:
        """Something is about to look at the run."""
        while self._steps:
            self._steps.popitem()[1].end()

    def forget(self) -> None:
        """This is a forked child: nothing of it is its own."""
        self._steps.clear()


def spokesmen(layers: int) -> list[tuple[int, ...]]:
    """Places of the layers that are looked at, for one step after the other: the ends, and each in between in turn."""
    if layers <= 2 + _AT_ONCE:
        return [tuple(range(layers))]
    inner = range(1, layers - 1)
    return [(0, layers - 1, *inner[start : start + _AT_ONCE]) for start in range(0, len(inner), _AT_ONCE)]


def next_refresh(relative: int) -> int:
    """The next step of a phase, a power of two, after which facts are looked up again, and copies looked for."""
    return 1 << max(0, relative).bit_length()
