"""Records the Keras trainings of this process: when each model is sampled."""

from __future__ import annotations

import contextlib
import math
import os
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras

from ..finding.keras import remember_layers
from ..finding.notebook import listen_to_cells
from ..probing.kept import NotABatch
from ..probing.keras_inputs import given_batch
from ..ticking.keras import Fit, StepClock, fit_of, learning_rate_of
from ..ticking.keras_calls import Calls
from ..watching.keras import listen
from ..writing.heartbeat import LONGEST_SECONDS
from .guard import Guard
from .idle import Idle, next_refresh
from .keras_models import KerasModels
from .keras_prober import KerasProber
from .keras_source import source_of, usual_updates
from .keras_state import StepState
from .probes import Probes
from .process_end import Outcome, end_with_process
from .run import Run
from .watch import Watch

#: The learning rate is asked for so rarely that asking takes next to none of the time.
_RATE_SHARE = 2e-4


class KerasRecorder:
    """One a process. Every entry is guarded: nothing raises into a person's script."""

    def __init__(self, backend: str) -> None:
        self.guard = Guard()
        self.backend = backend
        self.calls = Calls(backend)
        self._state = StepState(backend)
        # Counters of layers live as long as their layers, and must not keep the recorder.
        this = weakref.ref(self)
        self.models = KerasModels(backend, self.calls, self._state, lambda watch: _heard(this(), watch))
        self._process = os.getpid()
        #: The model that stepped last, with nothing to prepare before its next step.
        self._prepared: Callable[[], Any] = _none
        self._rate_due, self._rate = 0.0, float("nan")
        self.probes = Probes(KerasProber(self.calls, self._state))
        self.idle = Idle(usual_updates, self._known_rate)
        self._is_idle = self.idle.takes.get
        self.outcome = Outcome()

    # ---- steps

    def failed_inside(self, error: Exception) -> None:
        """Something of ours failed where there is no guard."""
        with self.guard:
            raise error

    def fit_begins(self, model: Any, fit: Fit) -> None:
        """`fit` was called."""
        if not self._listens():
            return
        with self.guard:
            self.models.fit_begins(model, fit)
            self._prepared = _none

    def fit_ended(self, model: Any) -> None:
        """It has returned, or has failed."""
        if self._listens():
            with self.guard:
                self.models.fit_ended(model)

    def fit_began(self, model: Any, arguments: Mapping[str, Any]) -> None:
        """`fit` was called, perhaps before anything listened, with these arguments."""
        if self._listens() and not self.models.is_beginning(model):
            self.fit_begins(model, fit_of(arguments))

    def before_step(self, model: Any, state: Any) -> None:
        """A model is about to do a step."""
        if self._prepared() is model or not self._listens():
            return
        if self.models.is_prepared(model):
            self._prepared = weakref.ref(model)
            return
        with self._between(), self._state.of(model, state), self.models.apart():
            self.models.prepare(model)

    def model_stepped(self, model: Any, state: Any, batch: Any) -> None:
        """A model has done a step of `fit` or `train_on_batch`."""
        take = self._is_idle(id(model))
        if take is not None and take(model):
            return
        entered = time.perf_counter()
        if not self._listens():
            return
        run = self.models.run
        with self.guard, self._state.of(model, state):
            self.models.adopt_built(model)
            self._tick(model, entered, model.optimizer, batch)
        self._pay(entered, run)

    def optimizer_stepped(self, optimizer: Any) -> None:
        """An optimizer did a step in a person's own loop."""
        take = self._is_idle(id(optimizer))
        if take is not None and take(optimizer):
            return
        entered = time.perf_counter()
        if not self._listens(steps=True):
            return
        run = self.models.run
        with self.guard:
            if self.models.clocks.of(optimizer) is None:
                self.idle.end_all()  # It may go on with a model of another one.
            if self.models.adopt_optimizer(optimizer):
                self._tick(optimizer, entered, optimizer)
        self._pay(entered, run)

    def _tick(self, clock: Any, entered: float, optimizer: Any, batch: Any = None) -> None:
        self.idle.end(clock)
        run, watches = self.models.run, self.models.clocks.of(clock)
        if run is None or watches is None:
            return
        seconds = entered - self.idle.left[0]
        if seconds == seconds:
            run.rhythm.step(seconds)
        learning_rate = self._learning_rate(optimizer)
        for watch in list(watches):
            if source_of(watch).root() is None:
                self.models.clocks.drop(watch)
                continue
            watch.tick(learning_rate, seconds)
            relative = run.step - watch.phase_start
            if relative > 0 and relative & (relative - 1) == 0:
                with run.rhythm.apart():
                    self.models.refresh(watch, clock)
                    if batch is not None:
                        source_of(watch).inputs.keep(clock, batch, run.step)
        if self.models.clocks.replace_stopped(clock):
            self.idle.end_all()
        if self.models.watches:
            self.probes.after_step(watches, self.models.watches, time.perf_counter())
        run.beat(time.perf_counter(), 0.0)
        if len(watches) == 1 and not self.models.clocks.beside(clock):
            relative = run.step - watches[0].phase_start
            most: float = next_refresh(relative) - relative - 1
            if self.probes.is_probed(watches[0], self.models.watches[0]):
                most = min(most, self.probes.next_step(watches[0]) - relative - 1)
            self.idle.begin(watches[0], clock, most)

    def watch(self, model: Any, batch: Any) -> None:
        """A model that the script named, with a batch for its probes; None without."""
        if batch is None or not self._listens():
            return
        with self._between():
            try:
                self.models.give(model, given_batch(model, batch))
            except NotABatch as error:
                self.guard.say(str(error), asked=True)

    def _known_rate(self, clock: Any) -> float:
        return self._rate

    def _learning_rate(self, optimizer: Any) -> float:
        now = time.perf_counter()
        if optimizer is None or now < self._rate_due:
            return self._rate
        with self.models.apart():
            self._rate = learning_rate_of(optimizer, self._state.value_of)
        self._rate_due = now + (time.perf_counter() - now) / _RATE_SHARE
        return self._rate

    @contextlib.contextmanager
    def _between(self) -> Iterator[None]:
        """Around what has to be done outside of steps: guarded, and paid for."""
        began, run = time.perf_counter(), self.models.run
        with self.guard:
            self.idle.end_all()
            yield
        self._pay(began, run)

    def _pay(self, began: float, run: Run | None) -> None:
        """Out of the purse of the run that there was; what began it is not paid by its samples."""
        self.idle.left[0] = left = time.perf_counter()
        if run is not None:
            run.rhythm.pay(left - began)

    # ---- cells of a notebook

    def cell_ended(self) -> None:
        """A cell of a notebook has run. What a person does until the next one is no step."""
        if self._listens():
            with self._between():
                self.models.cell_ended()
                if self.models.run is not None:
                    self.models.run.beat(time.perf_counter(), LONGEST_SECONDS)
        self.idle.left[0] = math.nan

    # ---- evaluation, loading, saving

    def evaluated(self, model: Any) -> None:
        """A model is about to be evaluated."""
        if not self._listens() or self.models.run is None:
            return
        with self._between():
            for watch in self.models.below(model):
                watch.evaluated()
            self.models.run.beat(time.perf_counter(), 60.0)

    def inferred(self, counters: Any) -> None:
        """A compiled function ran layers in inference mode."""
        if not self._listens() or self.models.run is None:
            return
        with self._between():
            for watch in self.models.watches:
                if any(counter in counters for counter in source_of(watch).counters):
                    watch.evaluated()

    def loaded(self, layers: dict[int, tuple[Any, bool, bool]], detail: str) -> None:
        """Values were set from outside. Without a detail the layers belong to a load that is told as a whole."""
        if not self._listens():
            return
        with self._between():
            for layer, _, _ in layers.values():
                self.calls.of(layer).is_loaded = True
            seen: set[int] = set()
            for watch in self.models.watches:
                places = source_of(watch).places
                found = {places[key]: (affine, run) for key, (_, affine, run) in layers.items() if key in places}
                seen.update(key for key in layers if key in places)
                if found and detail:
                    self.models.segment(watch, found, detail)
            for key, (layer, *flags) in layers.items():
                if key not in seen and detail:
                    self.models.keep_load(layer, *flags)

    def saved(self, model: Any, path: str | None) -> None:
        """A model was written. Keras writes all variables of a layer."""
        if not self._listens() or self.models.run is None:
            return
        with self._between():
            for watch in self.models.below(model):
                watch.run.record(
                    {
                        "type": "checkpoint",
                        "step": watch.run.step,
                        "path": path,
                        "statistics": True,
                        "layers": [layer.id for layer in watch.layers],
                    }
                )
                watch.standing("saved")

    # ---- processes

    def step(self) -> int:
        """Of the run; 0 where there is none."""
        return 0 if self.models.run is None else self.models.run.step

    def finish(self) -> None:
        """The process ends."""
        if not self._listens():
            return
        with self._between():
            run = self.models.run
            if run is None:
                if self.models.found_nothing:
                    self.guard.say("no BN layers: nothing to record")
                return
            for watch in self.models.watches:
                watch.finish()
            run.end(*self.outcome.ending(run.step))

    def _listens(self, steps: bool = False) -> bool:
        """Whether this process is recorded. A forked child that has not stepped records nothing of its parent's run."""
        if not self.guard.alive:
            return False
        if os.getpid() == self._process:
            return True
        if steps:
            self.guard.alive = False  # TensorFlow and JAX don't work after a fork; what PyTorch does is not known.
        return False


def _heard(recorder: KerasRecorder | None, watch: Watch) -> None:
    """A layer that stands for its model was called in inference mode."""
    if recorder is not None and recorder._listens() and recorder.models.run is not None:
        with recorder._between():
            watch.evaluated()


def _none() -> None:
    """No model."""


_recorder: KerasRecorder | None = None


def arm() -> None:
    """From now on the Keras trainings of this process are recorded. Called once (`attaching/arming.py`)."""
    global _recorder
    recorder = KerasRecorder(keras.backend.backend())
    remember_layers()
    recorder.calls.start()
    StepClock(recorder.backend, recorder.calls, recorder).start()
    listen(recorder)
    listen_to_cells(recorder.cell_ended)
    end_with_process(recorder)
    _recorder = recorder


def recorder() -> KerasRecorder | None:
    """What records this process; None where nothing does."""
    return _recorder
