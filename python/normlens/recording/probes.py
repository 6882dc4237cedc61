"""When a model is probed, and what is written of it."""

from __future__ import annotations

import math
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..folding.population import population_fields
from ..probing.probe import CannotProbe, Probed
from .watch import Watch

#: Share of a run's time that probes take together, and what the first ones may cost however young the run is.
_SHARE = 0.001
_FIRST_SECONDS = 0.03
#: Running statistics say little before.
_FIRST_STEP = 44
#: Where no batch was kept yet, it is thought of again so many steps later, and at last after an eighth of all steps so
#: far: compiled code never gives one, and each thought costs a step that would be idle.
_ASKED_AGAIN, _ASKED_SHARE = 16, 8


class Prober(Protocol):
    """Probes models of one framework."""

    def is_ready(self, watch: Watch) -> bool:
        """Whether there is a batch for the model."""

    def is_given(self, watch: Watch) -> bool:
        """Whether a person gave that batch."""

    def probe(self, watch: Watch) -> Probed:
        """Probes the model. Raises `CannotProbe`, or what the model itself raises."""

    def expected(self, step: float) -> float:
        """Seconds that the first probe of a model may take, of which a step takes so many."""


class Probes:
    """The probes of one run."""

    def __init__(self, prober: Prober) -> None:
        self._prober = prober
        self._began = time.perf_counter()
        self._spent = 0.0
        self._rhythms: weakref.WeakKeyDictionary[Watch, _Rhythm] = weakref.WeakKeyDictionary()

    def next_step(self, watch: Watch) -> float:
        """The step of the model's phase from which on a probe is due."""
        return self._rhythm(watch).next_step

    def is_probed(self, watch: Watch, first: Watch) -> bool:
        """Whether a model is probed in passing: the first of the run, and those for which a person gave a batch."""
        return watch.run.rank == 0 and (watch is first or self._prober.is_given(watch))

    def after_step(self, stepped: Sequence[Watch], recorded: Sequence[Watch], now: float) -> None:
        """Probes what a person asked for, and what is due. Called after each step that is looked at.

        Args:
            stepped: Models that have done a step now.
            recorded: All models of the run that are trained, the first one first; one of them has stepped.
            now: Seconds of `time.perf_counter`.
        """
        run = recorded[0].run
        asked = recorded if run.is_asked_to_probe(now) else []
        due = [watch for watch in stepped if self.is_probed(watch, recorded[0]) and self._is_due(watch)]
        if not asked and not due:
            return
        with run.rhythm.apart():
            for watch in asked:
                self.now(watch)
            for watch in due:
                self.in_passing(watch)

    def _is_due(self, watch: Watch) -> bool:
        """Whether the model has done enough steps since the last probe."""
        return watch.run.step - watch.phase_start >= self.next_step(watch)

    def in_passing(self, watch: Watch) -> None:
        """Probes if that costs next to nothing by now."""
        rhythm, relative = self._rhythm(watch), watch.run.step - watch.phase_start
        usual = _known(watch.run.rhythm.step_seconds)
        expected = rhythm.last if rhythm.last is not None else self._prober.expected(usual)
        missing = self._spent + expected - _SHARE * (time.perf_counter() - self._began) - _FIRST_SECONDS
        if missing > 0:
            rhythm.next_step = relative + max(_ASKED_AGAIN, math.ceil(missing / _SHARE / max(usual, 1e-6)))
            return
        if not self._prober.is_ready(watch):
            rhythm.next_step = relative + max(_ASKED_AGAIN, relative // _ASKED_SHARE)
            return
        # A model that can't be run once can't be run later.
        rhythm.next_step = 2 * relative if self.now(watch, asked=False) else math.inf

    def now(self, watch: Watch, asked: bool = True) -> bool:
        """Probes at once. A probe that a person asked for says why it is not possible; one of ours is left out."""
        run = watch.run
        started = time.perf_counter()
        try:
            found = self._prober.probe(watch)
        except Exception as error:
            if asked:
                reason = str(error) if isinstance(error, CannotProbe) else f"the model can't be run: {_words(error)}"
                run.record({"type": "gap", "step": run.step, "layers": [], "reason": reason})
            return False
        _write(watch, found)
        self._rhythm(watch).last = time.perf_counter() - started
        self._spent += time.perf_counter() - started
        return True

    def _rhythm(self, watch: Watch) -> _Rhythm:
        rhythm = self._rhythms.get(watch)
        if rhythm is None or rhythm.phase != watch.phase_start:
            # Another training of the model: its running statistics are as young as they were at first.
            last = rhythm.last if rhythm is not None else None
            rhythm = self._rhythms[watch] = _Rhythm(watch.phase_start, last)
        return rhythm


@dataclass
class _Rhythm:
    """When a model is probed in one phase of its training.

    Attributes:
        phase: The step at which the phase began.
        last: Seconds that the last probe took.
        next_step: The first step of the phase at which it is probed again; infinite where it can't be.
    """

    phase: int
    last: float | None
    next_step: float = _FIRST_STEP


def _write(watch: Watch, found: Probed) -> None:
    run = watch.run
    layers = [{"layer": watch.layers[place].id, **fields} for place, fields in sorted(found.layers.items())]
    step = {"step": run.step}
    run.record({"type": "gap", **step, "samples": found.samples, "layers": layers, "output": found.output})
    entries: list[dict[str, Any]] = []
    for place, (means, variances, mean, variance) in sorted(found.population.items()):
        measured = watch.measured[place]
        samples = measured.samples if measured is not None else float("nan")
        entries.append(population_fields(watch.layers[place], means, variances, mean, variance, samples))
    if entries:
        run.record({"type": "population", **step, "samples": found.population_samples, "layers": entries})


def _known(seconds: float) -> float:
    return seconds if seconds == seconds else 0.0


def _words(error: BaseException) -> str:
    """Without the exception's own words, which may contain a person's data."""
    return type(error).__name__
