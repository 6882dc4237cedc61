"""Where each layer's channels lie in vectors that contain all layers of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Group:
    """Layers of equal width, which are computed together.

    Attributes:
        start: Their first channel in a packed vector.
        width: Channels of each.
        layers: Their places in the model's list of layers.
    """

    start: int
    width: int
    layers: np.ndarray[Any, np.dtype[np.int64]]

    @property
    def stop(self) -> int:
        """The channel after their last."""
        return self.start + self.width * len(self.layers)

    def of(self, vector: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Their part of a packed vector as ``[layer, channel]``, without a copy."""
        return vector[self.start : self.stop].reshape(len(self.layers), self.width)


class Layout:
    """The order of channels in packed vectors: layers sorted by width, so that equal ones are one matrix."""

    def __init__(self, widths: Sequence[int]) -> None:
        self.widths = tuple(widths)
        self.channels = sum(widths)
        #: Places of layers in the order in which they are packed.
        self.order = sorted(range(len(widths)), key=lambda place: (widths[place], place))
        groups: list[Group] = []
        start = 0
        for width in sorted(set(widths)):
            places = [place for place in self.order if widths[place] == width]
            groups.append(Group(start, width, np.array(places)))
            start += width * len(places)
        self.groups = tuple(groups)
        starts = {}
        for group in groups:
            for row, place in enumerate(group.layers.tolist()):
                starts[place] = group.start + row * group.width
        self._starts = starts
        self._order = np.array(self.order, int)
        self._packed_widths = np.array([widths[place] for place in self.order], float)
        self._packed_starts = np.array([starts[place] for place in self.order], int)
        kind = np.uint16 if len(widths) < 1 << 16 else np.uint32
        #: The place of the layer that each channel of a packed vector belongs to.
        self.place_of = np.repeat(self._order.astype(kind), [widths[place] for place in self.order])

    def slice_of(self, place: int) -> slice:
        """A layer's channels in a packed vector."""
        start = self._starts[place]
        return slice(start, start + self.widths[place])

    def mean(self, vectors: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Means over the channels of each layer.

        Args:
            vectors: ``[..., channel]``, packed.

        Returns:
            ``[..., layer]``, by place.
        """
        result = np.empty((*vectors.shape[:-1], len(self.widths)))
        if len(self.widths) > 0:
            result[..., self._order] = np.add.reduceat(vectors, self._packed_starts, axis=-1) / self._packed_widths
        return result
