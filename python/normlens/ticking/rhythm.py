"""How far apart samples are: set by what they cost, so that a training is not slowed down."""

from __future__ import annotations

import math
import sys
import time

#: Share of a step's time that recording may take: of steps up to half a millisecond, and of steps from 5 ms on.
_SHARE_OF_SHORT, _SHORT = 0.02, 0.0005
_SHARE_OF_LONG, _LONG = 0.005, 0.005
#: What is measured wanders, so less than the promise is planned.
_PLANNED = 0.6
#: What may be spent beyond that at the start of a run and of each of its trainings, in seconds.
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


#: Debts above this are forgiven: one hiccup of the machine should not end recording.
_MOST_DEBT = 0.03

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

    @property
    def step_seconds(self) -> float:
        """The usual length of a step; NaN before the second."""
        return self._step_seconds

    def begin_phase(self) -> None:
        """Another training begins in this run."""
        self.credit = min(_MOST_CREDIT, self.credit + PHASE_CREDIT)

    def step(self, seconds: float) -> None:
        """A step took so long, recording not counted."""
        if math.isnan(self._step_seconds):
            self._step_seconds = seconds
        else:
            # A validation between two steps is no step: the usual length follows long ones slowly.
            limit = min(seconds, 4 * self._step_seconds)
            self._step_seconds += 0.1 * (limit - self._step_seconds)
        usual = self._step_seconds
        self.credit = min(_MOST_CREDIT, self.credit + _PLANNED * allowed_share(usual) * min(seconds, usual * 4))

    def pay(self, seconds: float) -> None:
        """Something was recorded."""
        self.credit = max(-_MOST_DEBT, self.credit - seconds)

    def affords(self, seconds: float) -> bool:
        """Whether something of this cost can be recorded now."""
        return self.credit >= seconds
