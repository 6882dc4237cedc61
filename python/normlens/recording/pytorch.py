"""Records the PyTorch trainings of this process: when each model is sampled."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from torch import nn

from ..attaching.environment import read_environment
from ..finding.notebook import listen_to_cells
from ..finding.pytorch import most_updates, remember_layers
from ..probing.kept import NotABatch
from ..probing.pytorch import Listened, PassMeter
from ..probing.pytorch_given import given_batch
from ..ticking.pytorch import NoHook, StepClock, learning_rate_of
from ..ticking.rhythm import cost_clock
from ..watching.pytorch import listen
from ..watching.ranks import forget_folder
from ..writing.heartbeat import LONGEST_SECONDS
from .guard import Guard
from .idle import Idle, next_refresh
from .probes import Probes
from .process_end import Outcome, end_with_process, finish_with_child
from .pytorch_events import Between
from .pytorch_models import TorchModels
from .pytorch_prober import TorchProber
from .pytorch_source import source_of, usual_updates
from .watch import Watch

#: Steps of a phase whose passes are measured; later ones at distances that double.
_MEASURED = (2, 3, 4)
#: A model whose statistics were updated so often was trained, or at least meant to be.
_SOME_UPDATES = 20
_COPIES_LOOKED_FOR = (16, 128, 1024)


class TorchRecorder:
    """One a process. Every entry is guarded: nothing raises into a person's script."""

    def __init__(self) -> None:
        self.guard = Guard()
        self.models = TorchModels()
        self.ticks = 0
        self._process = os.getpid()
        self.probes = Probes(TorchProber())
        self.idle = Idle(usual_updates, learning_rate_of)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.idle.forget)
        self.outcome = Outcome()

    def enter(self, work: Callable[..., None], *arguments: Any) -> None:
        """Does what has to be done outside of steps: guarded, and paid for."""
        if not self.guard.alive or os.getpid() != self._process:
            # A forked child that has not stepped records nothing of its parent's run.
            return
        began = cost_clock()
        with self.guard:
            self.idle.end_all()
            work(*arguments)
        self.idle.left[0] = time.perf_counter()
        if self.models.run is not None:
            self.models.run.rhythm.pay(cost_clock() - began)

    def tick(self, optimizer: Any) -> None:
        """After an optimizer step that was not idle."""
        if not self.guard.alive:
            return
        entered = time.perf_counter()
        run = self.models.run
        with self.guard:
            if os.getpid() != self._process:
                self._begin_in_child()
            self.idle.end(optimizer)
            self._tick(optimizer, entered)
            self._begin_idle(optimizer)
        self.idle.left[0] = left = time.perf_counter()
        if run is not None:  # What began it is not paid by its samples.
            run.rhythm.pay(left - entered)

    def _begin_idle(self, optimizer: Any) -> None:
        watches = self.models.clocks.of(optimizer) or ()
        if len(watches) != 1 or self.models.clocks.beside(optimizer):
            return
        source, watch = source_of(watches[0]), watches[0]
        relative = watch.run.step - watch.phase_start
        most: float = next_refresh(relative) - relative - 1
        if not source.is_compiled():
            most = 0 if source.meter is not None else min(most, source.next_measure - relative - 2)
        if self.probes.is_probed(watch, self.models.watches[0]):
            most = min(most, self.probes.next_step(watch) - relative - 1)
        self.idle.begin(watch, optimizer, most)

    def watch(self, model: nn.Module, batch: Any) -> None:
        """A model that the script named, with a batch for its probes; None without."""
        if not self.guard.alive:
            return
        with self.guard:
            if os.getpid() != self._process:
                self._begin_in_child()
            self.idle.end_all()
            self.models.name(model)
            if batch is None:
                return
            try:
                self.models.give(*given_batch(model, batch))
            except Exception as error:
                why = str(error) if isinstance(error, NotABatch) else f"probe= can't be used: {type(error).__name__}"
                self.guard.say(why, asked=True)

    def cell_ended(self) -> None:
        """A cell of a notebook has run. What a person does until the next one is no step."""
        self.enter(self._rest)
        self.idle.left[0] = math.nan

    def _rest(self) -> None:
        self.models.cell_ended()
        if self.models.run is not None:
            self.models.run.beat(time.perf_counter(), LONGEST_SECONDS)

    def step(self) -> int:
        """Of the run; 0 where there is none."""
        return 0 if self.models.run is None else self.models.run.step

    def finish(self) -> None:
        """The process ends."""
        if not self.guard.alive or os.getpid() != self._process:
            return
        with self.guard:
            run = self.models.run
            if run is None:
                if not _is_keras():
                    self._say_why_nothing()
                return
            self.idle.end_all()
            self.models.look_at_copies()
            for watch in self.models.all:
                watch.finish()
            run.end(*self.outcome.ending(run.step))
            if run.ranks > 1 and run.rank == 0:
                forget_folder(read_environment().runs)

    def _say_why_nothing(self) -> None:
        if self.models.found_nothing:
            self.guard.say("no BN layers: nothing to record")
        elif self.models.trains_none:
            # Stacked parameters of an ensemble, or a head on a model that is not trained.
            self.guard.say("no optimizer trains a model with BN layers: nothing to record")
        elif self.ticks == 0 and most_updates() >= _SOME_UPDATES:
            # An optimizer of another library, or updates by hand.
            self.guard.say("no optimizer step was seen: nothing was recorded")

    def _tick(self, optimizer: Any, entered: float) -> None:
        self.ticks += 1
        if self.models.clocks.of(optimizer) is None:
            self.idle.end_all()  # It may go on with a model of another one.
        watches = self.models.ticked_by(optimizer)
        run = self.models.run
        if run is None:
            return
        seconds = entered - self.idle.left[0]
        if seconds == seconds:
            run.rhythm.step(seconds)
        for watch in watches:
            self._tick_watch(watch, optimizer, seconds)
        if self.models.clocks.replace_stopped(optimizer):
            self.idle.end_all()
        if self.models.watches:
            self.probes.after_step(watches, self.models.watches, entered)
        run.beat(entered, 0.0)

    def _tick_watch(self, watch: Watch, optimizer: Any, seconds: float) -> None:
        run, source = watch.run, source_of(watch)
        meter, source.meter = source.meter, None
        if meter is not None:
            for place, passes in meter.close().items():
                passes.step = run.step + 1 if watch.last_step == run.step else run.step
                watch.measured[place] = passes
            for copy in self.models.copies:
                if not meter.called.isdisjoint(source_of(copy).places):
                    copy.evaluated()
        if source.root() is None:
            self.models.clocks.drop(watch)
            return
        watch.tick(learning_rate_of(optimizer), seconds)
        relative = run.step - watch.phase_start
        if relative > 0 and relative & (relative - 1) == 0:
            with run.rhythm.apart():
                _refresh(watch)
                if relative in _COPIES_LOOKED_FOR:
                    self.models.look_at_copies()
                    for copy in self.models.copies:
                        copy.standing("rhythm")
        self._measure_next(watch, relative)

    def _measure_next(self, watch: Watch, relative: int) -> None:
        """Listens to the passes of the next step, in the first steps and now and then later; in eager mode only."""
        source = source_of(watch)
        if relative + 1 < max(_MEASURED[0], source.next_measure) or source.is_compiled():
            return
        others = {key for copy in self.models.copies for key in source_of(copy).places}
        listened = Listened(source.places, source.containers, others, source.inputs)
        source.meter = PassMeter(watch.run.step + 1, listened)
        source.next_measure = relative + 2 if relative + 1 in _MEASURED[:-1] else 2 * (relative + 1)

    def _begin_in_child(self) -> None:
        """A forked child that trains has a run of its own. It leaves without `atexit`."""
        self.models, self.probes, self._process = self.models.begin_again(), Probes(TorchProber()), os.getpid()
        self.idle.forget()
        finish_with_child(self.finish)


def _refresh(watch: Watch) -> None:
    """Facts that change, and what the measured steps said."""
    changed = watch.source.refresh(watch.layers)
    for layer, measured in zip(watch.layers, watch.measured):
        if measured is not None and layer.samples_per_pass is None:
            layer.samples_per_pass, changed = measured.samples, True
    if changed:
        watch.run.layers_changed(watch.layers)


def _is_keras() -> bool:
    """Whether a Keras model is trained by PyTorch's optimizer: `recording/keras.py` says what there is to say."""
    return "keras" in sys.modules


_recorder: TorchRecorder | None = None


def arm() -> None:
    """From now on the PyTorch trainings of this process are recorded. Called once (`attaching/arming.py`)."""
    global _recorder
    recorder = TorchRecorder()
    try:
        StepClock(recorder.tick, recorder.idle.takes).start()
    except NoHook as error:
        recorder.guard.say(f"not recording: {error}")
        return
    remember_layers()
    listen(Between(recorder))
    listen_to_cells(recorder.cell_ended)
    end_with_process(recorder)
    _recorder = recorder


def recorder() -> TorchRecorder | None:
    """What records this process; None where nothing does."""
    return _recorder
