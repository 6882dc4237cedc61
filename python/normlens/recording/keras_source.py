"""What a watch asks of a Keras model."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..finding.keras import built_at, is_trained, update_weight_of
from ..finding.layers import Layer
from ..packing.keras import KerasPacker
from ..packing.layout import Layout
from ..packing.snapshot import Snapshot
from ..probing.keras_inputs import KerasInputs
from ..ticking.keras_calls import Counter
from .idle import IsUsual
from .watch import Watch


class KerasSource:
    """The BN layers of a Keras model, which it does not keep alive."""

    def __init__(
        self,
        root: Any,
        layers: Sequence[Any],
        counters: Sequence[Counter],
        layout: Layout,
        packer: KerasPacker,
        waits: Callable[[], bool],
    ) -> None:
        self.root = weakref.ref(root)
        self.counters = list(counters)
        #: Ids of the variables that optimizers have; None where that is unknown.
        self.owned: set[int] | None = None
        self.held: set[int] = set()
        self._layers = [weakref.ref(layer) for layer in layers]
        self.layout, self._packer, self._waits = layout, packer, waits
        self._last: Snapshot | None = None
        self.inputs = KerasInputs()

    @property
    def places(self) -> dict[int, int]:
        """Place of each layer by its id. A layer that is gone has none: another one may have its id by now."""
        alive = [(reference(), place) for place, reference in enumerate(self._layers)]
        return {id(layer): place for layer, place in alive if layer is not None}

    def layers(self) -> list[Any] | None:
        """The layers; None when one of them is gone."""
        layers = [reference() for reference in self._layers]
        return None if any(layer is None for layer in layers) else layers

    def snapshot(self, affine: bool = True) -> Snapshot | None:
        """All layers now, with γ and β or without."""
        layers = self.layers()
        snapshot = None if layers is None else self._packer.snapshot(layers, self._updates(), self._waits(), affine)
        if snapshot is not None:
            self._notice_uncounted(snapshot)
        return snapshot

    @property
    def behind(self) -> float:
        """Seconds that a snapshot takes after `snapshot` has returned."""
        return self._packer.behind

    def forget(self) -> None:
        """Statistics were set from outside: that they moved says nothing."""
        self._last = None

    def _notice_uncounted(self, now: Snapshot) -> None:
        """Statistics that move though no call was counted: a compiler calls the layer in its own way."""
        before, self._last = self._last, now
        if before is None or not (before.ready() and now.ready()):
            return
        for place in np.flatnonzero((now.updates == before.updates) & (now.updates >= 0)):
            part = self.layout.slice_of(int(place))
            if not np.array_equal(now.mean[part], before.mean[part], equal_nan=True):
                self.counters[place].is_known = False
                now.updates[place] = -1

    def writes(self) -> list[int] | None:
        """Updates of each layer, as they were counted."""
        return None if any(reference() is None for reference in self._layers) else self._updates()

    def refresh(self, layers: Sequence[Layer]) -> bool:
        """Looks up what is trained, held and with which momentum."""
        changed = False
        for facts, layer in zip(layers, self.layers() or ()):
            held = True if id(layer) in self.held else None
            now = (is_trained(layer, self.owned), update_weight_of(layer), held)
            if now != (facts.trained, facts.update_weight, facts.held):
                facts.trained, facts.update_weight, facts.held = now
                changed = True
        return changed

    def begin_phase(self) -> None:
        """Another training of the model begins; nothing here depends on it."""

    def is_training(self) -> bool | None:
        """A Keras model has no mode."""
        return None

    def is_compiled(self) -> bool:
        """Compiled or not, calls are counted."""
        return False

    def _updates(self) -> list[int]:
        return [counter.updates() for counter in self.counters]


def usual_updates(watch: Watch) -> IsUsual:
    """Looks at what was counted."""
    counters = source_of(watch).counters
    writes, deltas = watch.counted()

    def is_usual(places: tuple[int, ...], count: int) -> bool:
        return all(counters[place].updates() == writes[place] + count * deltas[place] for place in places)

    return is_usual


def source_of(watch: Watch) -> KerasSource:
    """The Keras model of a watch."""
    source = watch.source
    assert isinstance(source, KerasSource)
    return source


def note_beginnings(
    layout: Layout,
    snapshot: Snapshot | None,
    layers: Sequence[Layer],
    modules: Sequence[Any],
    counters: Sequence[Counter],
    built_now: set[int],
    after_step: bool,
) -> None:
    """Says of fresh layers that they are, and of others that nobody knows how often they were updated before."""
    for place, (facts, module, counter) in enumerate(zip(layers, modules, counters)):
        facts.updates_before = None
        if id(module) in built_now:
            facts.updates_before = 0
        elif snapshot is not None and not counter.is_loaded and built_at(module) is not None and counter.is_known:
            part = layout.slice_of(place)
            is_new = bool((snapshot.mean[part] == 0).all() and (snapshot.variance[part] == 1).all())
            if is_new or counter.total > 0:
                facts.updates_before = counter.total
            if after_step:
                # The models of a loop are found after its first step. One update is that step's; more may be older.
                facts.updates_before = 0 if counter.total == 1 or (is_new and counter.total == 0) else None
        facts.counts_all = facts.updates_before is not None


def batch_of(counter: Counter, given: int | None) -> int | None:
    """Samples of a pass: as the layer's input has them, else as `fit` was asked for."""
    if counter.shape is None or len(counter.shape) < 2:
        return None
    return counter.shape[0] if counter.shape[0] is not None else given


def samples_of(counter: Counter, batch: int | None, axis: int) -> float | None:
    """Values per channel in a pass; None where a size is unknown."""
    if batch is None or counter.shape is None:
        return None
    sizes = list(counter.shape)
    sizes[0] = batch
    del sizes[axis]
    product = 1
    for size in sizes:
        if size is None:
            return None
        product *= size
    return float(product)
