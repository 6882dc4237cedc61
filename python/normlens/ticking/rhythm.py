"""How far apart samples are: set by what they cost, so that a training is not slowed down."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Iterator

#: Share of a step's time that recording may take: of steps up to half a millisecond, and of steps from 5 ms on.
_SHARE_OF_SHORT, _SHORT = 0.02, 0.0005
_SHARE_OF_LONG, _LONG = 0.005, 0.005
#: A quarter of the promise is planned: recording also takes the caches that the training had filled, which shows in the
#: training's own time (measured: as much again, and up to three times as much on machines with small caches).
_PLANNED = 0.25
#: What may be spent beyond that at the start of a run, of each of its trainings, and when its statistics have settled,
#: in seconds.
START_CREDIT, PHASE_CREDIT = 0.05, 0.02
#: No more than so much is saved up while nothing is sampled.
_MOST_CREDIT = 0.25


def allowed_share(step_seconds: float) -> float:
    """The share of a step of this length that recording may take."""
    if step_seconds <= _SHORT:
        return _SHARE_OF_SHORT
    if step_seconds >= _LONG:
        return _SHARE_OF_LONG
    along = math.log(step_seconds / _SHORT) / math.log(_LONG / _SHORT)
    return float(_SHARE_OF_SHORT * (_SHARE_OF_LONG / _SHARE_OF_SHORT) ** along)


#: Debts above this are forgiven: a hiccup of the machine should not end recording.
_MOST_DEBT = 0.005

#: What recording costs is the time of its thread: waiting for other processes is not its doing. Windows counts that
#: time in steps of 15 ms.
cost_clock = time.perf_counter if sys.platform == "win32" else time.thread_time


class Rhythm:
    """A purse of seconds: steps fill it, what is recorded is paid from it.

    Several models of a run share one.
    """

    def __init__(self) -> None:
        self.credit = START_CREDIT
        self._step_seconds = math.nan
        self._share = 0.0
        self._steps = 0

    @property
    def step_seconds(self) -> float:
        """The usual length of a step; NaN before the second."""
        return self._step_seconds

    def begin_phase(self) -> None:
        """Another training begins in this run, or its statistics have settled."""
        self.credit = min(_MOST_CREDIT, self.credit + PHASE_CREDIT)

    def step(self, seconds: float) -> None:
        """A step took so long, recording not counted."""
        if self._steps == 0:
            self._step_seconds = seconds
        else:
            # A validation between two steps is no step: the usual length follows long ones slowly.
            limit = min(seconds, 4 * self._step_seconds)
            self._step_seconds += 0.1 * (limit - self._step_seconds)
        usual = self._step_seconds
        if self._steps % 32 == 0:
            self._share = _PLANNED * allowed_share(usual)
        self._steps += 1
        self.credit = min(_MOST_CREDIT, self.credit + self._share * min(seconds, usual * 4))

    def steps_until(self, seconds: float) -> int:
        """How many steps it takes until something of this cost can be afforded."""
        missing, gain = seconds - self.credit, self._share * self._step_seconds
        return 0 if missing <= 0 or not gain > 0 else math.ceil(missing / gain)

    @property
    def longest(self) -> float:
        """What is longer was no step alone: no more than this is counted of it."""
        return 4 * self._step_seconds

    def several(self, count: int, seconds: float) -> None:
        """So many steps took so long together, none of them counted with more than `longest`."""
        if count > 0:
            self._step_seconds += (1 - 0.9**count) * (seconds / count - self._step_seconds)
            self._steps += count
            self._share = _PLANNED * allowed_share(self._step_seconds)
            self.credit = min(_MOST_CREDIT, self.credit + self._share * seconds)

    def pay(self, seconds: float) -> None:
        """Something was recorded."""
        self.credit = max(-_MOST_DEBT, self.credit - seconds)

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """What is done meanwhile has its own bound (it comes at steps that double, say) and is not paid by samples."""
        began = time.perf_counter()
        yield
        self.credit += time.perf_counter() - began

    def affords(self, seconds: float) -> bool:
        """Whether something of this cost can be recorded now."""
        return self.credit >= seconds
