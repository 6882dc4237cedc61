"""Which optimizer ticks which models. In Keras a model that `fit` trains is a clock as well."""

from __future__ import annotations

import weakref
from typing import Any

from .watch import Watch

#: A clock that did not tick for so many ticks of another one of its model is no clock any more.
_IDLE_TICKS = 8


class Clocks:
    """Each model that is watched has one clock, whose ticks are its steps.

    Others that train it as well stand beside it: one of them takes over when the clock has stopped.
    """

    def __init__(self) -> None:
        self._watches: weakref.WeakKeyDictionary[Any, list[Watch]] = weakref.WeakKeyDictionary()
        self._beside: weakref.WeakKeyDictionary[Any, list[Watch]] = weakref.WeakKeyDictionary()
        #: By watch and clock beside it: the last step of the watch, and ticks of the other since.
        self._idle: dict[tuple[int, int], tuple[int, int]] = {}

    def of(self, clock: Any) -> list[Watch] | None:
        """The models that this clock ticks; None when it is not known."""
        return self._watches.get(clock)

    def beside(self, clock: Any) -> list[Watch]:
        """The models that it trains as well, and that have another clock."""
        return self._beside.get(clock, [])

    def know(self, clock: Any) -> None:
        """From now on this clock is known, though it may tick nothing."""
        self._watches.setdefault(clock, [])

    def first(self) -> Any:
        """The clock that was known first; None when there is none."""
        return next(iter(self._watches), None)

    def has_clock(self, watch: Watch) -> bool:
        """Whether anything ticks this model."""
        return any(watch in watches for watches in self._watches.values())

    def set(self, watch: Watch, clock: Any) -> None:
        """This clock ticks the model from now on: another training of it begins."""
        self.drop(watch)
        self._watches.setdefault(clock, []).append(watch)
        watch.begin_phase()

    def join(self, watch: Watch, clock: Any) -> None:
        """Another clock of the model: beside the one it has, or in the place of one that is gone."""
        if not self.has_clock(watch):
            self.set(watch, clock)
        elif watch not in self._beside.setdefault(clock, []):
            self._beside[clock].append(watch)

    def drop(self, watch: Watch) -> None:
        """Nothing ticks the model any more."""
        for watches in [*self._watches.values(), *self._beside.values()]:
            if watch in watches:
                watches.remove(watch)

    def replace_stopped(self, clock: Any) -> bool:
        """After a tick. A clock that was thrown away may live on (a scheduler has it): this one takes over.

        Returns:
            Whether it did.
        """
        replaced = False
        for watch in list(self._beside.get(clock, ())):
            key = (id(watch), id(clock))
            last, count = self._idle.get(key, (watch.last_step, 0))
            count = count + 1 if last == watch.last_step else 1
            self._idle[key] = (watch.last_step, count)
            if count >= _IDLE_TICKS:
                del self._idle[key]
                self.set(watch, clock)
                replaced = True
        return replaced
