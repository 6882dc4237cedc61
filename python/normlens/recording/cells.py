"""The cells of a notebook. One that is run again makes its model again: another training of the same layers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from ..finding.layers import Layer
from .run import Run
from .watch import Watch

#: Each cell that trains a model further is a phase by itself, but not where they are many.
_MOST_PHASES = 8
#: Keras numbers its own names (``batch_normalization_3``), and a run numbers names and models (``Net 2``) that it has.
_NUMBER = re.compile(r"(_\d+| \(\d+\)| \d+)+$")


class Cells:
    """What the end of a cell means to the models of a run. In a script no cell ever ends."""

    def __init__(self) -> None:
        #: The last step before the cell that runs now; None in the first one.
        self._before: int | None = None
        self._is_new = False
        self._phases = 0

    def ended(self, run: Run | None, watches: Iterable[Watch]) -> None:
        """A cell has run, which may have trained these models."""
        if run is None:
            return
        self._before, self._is_new = run.step, True
        for watch in watches:
            watch.rest()

    def begins_phase(self) -> bool:
        """Whether this is the first step of a cell, and worth a phase. Asked before each step."""
        if not self._is_new:
            return False
        self._is_new = False
        self._phases += 1
        return self._phases <= _MOST_PHASES

    def continued(
        self, watches: Iterable[Watch], label: str, layers: Sequence[Layer], is_kept: Callable[[Watch], bool]
    ) -> Watch | None:
        """The model of an earlier cell that a new one takes the place of.

        Args:
            watches: Models that are recorded.
            label: What the new model is called, and
            layers: its layers, before they have ids.
            is_kept: Whether the script still has a model by a name: then it is another one.
        """
        if self._before is None:
            return None
        for watch in watches:
            if watch.last_step <= self._before and _are_same(watch, label, layers) and not is_kept(watch):
                return watch
        return None


def _are_same(watch: Watch, label: str, layers: Sequence[Layer]) -> bool:
    if len(watch.layers) != len(layers) or _NUMBER.sub("", watch.label) != _NUMBER.sub("", label):
        return False
    return all(
        (old.kind, old.channels) == (new.kind, new.channels) and _bare(old, watch.label) == _bare(new, label)
        for old, new in zip(watch.layers, layers)
    )


def _bare(layer: Layer, label: str) -> str:
    name = layer.name[len(label) + 1 :] if layer.name.startswith(f"{label}.") else layer.name
    return _NUMBER.sub("", name)
