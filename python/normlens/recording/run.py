"""A run: one training process, written into one folder."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from ..attaching.environment import read_environment
from ..finding.layers import Layer
from ..finding.notebook import is_kernel, notebook_path
from ..folding.sample import COLUMNS, QUANTITIES
from ..ticking.rhythm import Rhythm
from ..writing.blocks import Table
from ..writing.budget import Allowance, Budget
from ..writing.files import EventsFile, NumbersFile
from ..writing.folder import make_run_folder, numbers_path
from ..writing.heartbeat import Heartbeat

_STEPS_AT_ONCE = 256
#: Steps are kept so far apart, in seconds: shorter ones would cost more than they say.
_KEPT_SECONDS = 0.008
#: How often a request of the editor is looked for.
_LOOK_SECONDS = 0.5


class StoppedByPerson(Exception):
    """The run's folder was deleted, or a person asked to stop: recording ends, training goes on."""


class Run:
    """Everything a process records. Rank 0 writes the events; the others their numbers only.

    ``step`` counts as a person does: it grows when a model that has stepped in it steps again. So two models that step
    in turn (a GAN) share steps, and a second training counts on from the first.
    """

    def __init__(self, runs: Path, title: str, rank: int = 0, ranks: int = 1, folder: Path | None = None) -> None:
        self.started = datetime.now(timezone.utc)
        self.rank, self.ranks = rank, ranks
        self.folder = folder or make_run_folder(runs, title, self.started)
        self.step = 0
        self.rhythm = Rhythm()
        self.budget = Budget()
        self.has_ended = False
        self._began = time.perf_counter()
        self._events: EventsFile | None = None
        self._numbers = NumbersFile(numbers_path(self.folder, rank))
        self._heartbeat = Heartbeat(self.folder) if rank == 0 else None
        self._steps_table: Table | None = None
        self._steps: list[tuple[int, float, float]] = []
        self._ids: set[str] = set()
        self._leaves_out = False
        self._looked = 0.0
        #: Of every so many steps one is kept.
        self.stride = 1
        self._noted = 0

    def begin(self, fields: dict[str, Any], layers: Sequence[Layer]) -> None:
        """Writes the run record."""
        self._ids.update(layer.id for layer in layers)
        script = script_path()
        process = {"command": _command(), "host": socket.gethostname()}
        if self._heartbeat is not None:
            # Before the log, which is what a run is found by: one without a sign of life would look interrupted.
            self._heartbeat.write(self.step, time.perf_counter())
            self._events = EventsFile(self.folder / "run.jsonl")
        self.record(
            {
                "type": "run",
                "schema": 2,
                "producer": f"normlens-python {__version__}",
                "startedAt": self.started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "name": read_environment().run_name or _name(script),
                "source": {"path": script} if script else None,
                "ranks": self.ranks,
                "process": {name: value for name, value in process.items() if value is not None},
                **fields,
                "layers": [layer.record(script) for layer in layers],
            }
        )

    def record(self, record: dict[str, Any]) -> None:
        """Appends an event. Only rank 0 writes them."""
        if self._events is not None:
            self._events.write({name: value for name, value in record.items() if value is not None})

    def free_id(self, wanted: str) -> str:
        """An id that no layer of the run has."""
        identifier, count = wanted, 1
        while identifier in self._ids:
            count += 1
            identifier = f"{wanted} ({count})"
        self._ids.add(identifier)
        return identifier

    def layers_changed(self, layers: Sequence[Layer]) -> None:
        """Layers that are new, or of which something is known that was not."""
        script = script_path()
        records = [layer.record(script) for layer in layers]
        self.record({"type": "layers", "step": self.step, "layers": records})

    def started_again(self, layers: Sequence[Layer]) -> None:
        """Layers are another model's from the next step on, with facts of its own: it was made again."""
        self.layers_changed(layers)
        ids = [layer.id for layer in layers]
        self.record({"type": "segment", "step": self.step, "reason": "started-again", "layers": ids})

    def leave_out(self, model: str, recorded: int) -> None:
        """A model trains that is not recorded, since the run has as many as it may have. Written once."""
        if not self._leaves_out:
            self._leaves_out = True
            self.record({"type": "left-out", "step": self.step, "model": model, "recorded": recorded})

    def norms_table(self, layers: Sequence[Layer]) -> Table:
        """Declares the table that samples of these layers go into."""
        return self._numbers.declare("norms", COLUMNS, [layer.id for layer in layers])

    def channels_table(self, layer: Layer) -> Table:
        """Declares the table of a layer's single channels."""
        return self._numbers.declare("channels", QUANTITIES, [layer.id], layer.channels)

    def add(self, table: Table, step: int, numbers: np.ndarray[Any, Any], allowance: Allowance) -> None:
        """Appends a frame and pays its bytes."""
        self._flush_steps()
        self._numbers.add(table, step, numbers)
        allowance.pay(table.frame_bytes)

    def add_each(
        self, tables: Sequence[Table], step: int, numbers: Sequence[np.ndarray[Any, Any]], allowance: Allowance
    ) -> None:
        """Appends a frame to each of several tables, and pays their bytes."""
        self._flush_steps()
        self._numbers.add_each(tables, step, numbers)
        allowance.pay(sum(table.frame_bytes for table in tables))

    def step_done(self, learning_rate: float, seconds: float) -> None:
        """Keeps what a step was like; written with the next sample, or after a while.

        Of models that share a step the first one says so.
        """
        if self.step == self._noted:
            return
        self._noted = self.step
        if self.step % self.stride == 0:
            self._steps.append((self.step, learning_rate, seconds))
            if len(self._steps) >= _STEPS_AT_ONCE:
                self._flush_steps()

    def _flush_steps(self) -> None:
        steps, self._steps = self._steps, []
        if not steps:
            return
        if self._steps_table is None:
            self._steps_table = self._numbers.declare("steps", ("learning_rate", "seconds"))
        self._numbers.add_all(self._steps_table, steps)
        self.budget.steps.pay(self._steps_table.frame_bytes * len(steps))
        self.stride = max(self.budget.steps.stride(), _stride_of(self.rhythm.step_seconds))

    def beat(self, now: float, expected: float) -> None:
        """Gives a sign of life where one is due, and looks whether the run is still wanted.

        Raises:
            StoppedByPerson: It is not.
        """
        if self._heartbeat is None or not (self._heartbeat.due(now) or expected > 0):
            return
        if self._events is None or not self._events.is_there():
            raise StoppedByPerson(f"its folder {self.folder} was deleted")
        if (self.folder / "request-stop").exists():
            # The training goes on, so nothing else would ever say that this run has ended.
            self.end("stopped", "Recording was stopped in the editor. The training continued.")
            raise StoppedByPerson("it was stopped in the editor")
        self._flush_steps()
        self._heartbeat.write(self.step, now, expected)

    def is_asked_to_probe(self, now: float) -> bool:
        """Whether somebody asked for a probe since the last time: a file in the run's folder is the request.

        Args:
            now: Seconds of `time.perf_counter`.
        """
        if now - self._looked < _LOOK_SECONDS or self.rank > 0:
            return False
        self._looked = now
        try:
            (self.folder / "request-probe").unlink()
        except OSError:
            return False
        return True

    def end(self, status: str, reason: str | None = None) -> None:
        """Writes the end, once."""
        if self.has_ended:
            return
        self.has_ended = True
        self._flush_steps()
        elapsed = 1000 * (time.perf_counter() - self._began)
        self.record({"type": "end", "step": self.step, "status": status, "reason": reason, "elapsedMs": elapsed})
        self._numbers.close()
        if self._events is not None:
            self._events.close()


def _stride_of(step_seconds: float) -> int:
    """Every how many steps of this length one is kept, a power of two."""
    stride = 1
    while stride * step_seconds < _KEPT_SECONDS:
        stride *= 2
    return stride


def script_path() -> str | None:
    """The script that the process runs, or the notebook; None in a session, and where the notebook is unknown."""
    # A kernel runs scripts as well: `%run train.py`.
    path: str | None = getattr(sys.modules.get("__main__"), "__file__", None)
    return notebook_path() if path is None else os.path.abspath(path)


def _command() -> str | None:
    """How the process was started, without the values of options, which may be secret: names of files at most."""
    if is_kernel():
        return None
    script = script_path()
    return " ".join(["python", os.path.basename(script)] if script else ["python"])


def _name(script: str | None) -> str:
    if script is not None:
        return os.path.basename(script)
    return "notebook" if is_kernel() else "session"
