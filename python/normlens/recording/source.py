"""What a watch asks of a framework."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..finding.layers import Layer
from ..packing.layout import Layout
from ..packing.snapshot import Snapshot


class Source(Protocol):
    """The BN layers of one model of a person's, alive as long as the model is."""

    #: Where each layer's channels are in snapshots.
    layout: Layout

    @property
    def behind(self) -> float:
        """Seconds that a snapshot takes after `snapshot` has returned."""

    def snapshot(self, affine: bool = True) -> Snapshot | None:
        """All layers now, with γ and β or without; None when the model is gone."""

    def writes(self) -> list[int] | None:
        """How often each layer's counter was written; None when the model is gone. Costs next to nothing."""

    def refresh(self, layers: Sequence[Layer]) -> bool:
        """Looks facts up that may change (what is trained, momentum); whether any did."""

    def begin_phase(self) -> None:
        """Another training of the model begins."""

    def is_training(self) -> bool | None:
        """Whether the model is in training mode as a whole."""

    def is_compiled(self) -> bool:
        """Whether the counters are written by compiled code, which says nothing of how often."""
