"""Where each layer stands: averages over the recent samples, two numbers a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..packing.layout import Group, Layout

Vector = np.ndarray[Any, Any]

#: A new sample's weight is at least this: noise is averaged over some fifteen samples,
_LEAST_WEIGHT = 1 / 8
#: and at most this, however far apart they are.
_MOST_WEIGHT = 0.6
#: What is older than this share of a training says little about now, and so does what is so many steps old.
_FADING_SHARE, _FADING_LEAST, _FADING_MOST = 0.25, 8, 200


@dataclass
class Readings:
    """What the averages say of each layer, ``[layer]``; NaN where nothing is known."""

    lag: Vector
    lag_floor: Vector
    spread: Vector


class RecentSamples:
    """Running averages of (batch mean − running mean) / σ and of its square.

    Memory is eight bytes a channel. The variance of the first is that of batch means in units of the batch variance,
    since the running mean follows what moves slowly.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._averages = np.zeros((2, layout.channels), np.float32)
        layers = len(layout.widths)
        #: Σ of squared weights of the samples in the average: 1/n for n equal ones.
        self._share = np.ones(layers)
        self._mixture = np.ones(layers)
        self._count = np.zeros(layers, int)
        self._step = np.zeros(layers, int)

    def add(self, group: Group, step: int, age: int, shift: Vector, valid: Vector, mixture: Vector) -> None:
        """Takes the samples of one group in.

        Args:
            group: Its layers.
            step: Of the samples.
            age: Steps since this training of the model began.
            shift: (batch mean − running mean) / σ, ``[layer, channel]``.
            valid: Which layers have a sample, ``[layer]``.
            mixture: Σw² of the batches mixed in it, ``[layer]``.
        """
        places = group.layers
        count = self._count[places]
        fading = min(_FADING_MOST, max(_FADING_LEAST, _FADING_SHARE * age))
        weight = np.clip((step - self._step[places]) / fading, _LEAST_WEIGHT, _MOST_WEIGHT)
        weight = np.where(valid, np.maximum(weight, 1.0 / (count + 1)), 0.0)
        shift32 = np.where(valid[:, None], shift, 0.0).astype(np.float32)
        column = weight[:, None].astype(np.float32)
        for average, value in ((self._averages[0], shift32), (self._averages[1], shift32 * shift32)):
            part = group.of(average)
            part += column * (value - part)
        self._share[places] = np.where(valid, (1 - weight) ** 2 * self._share[places] + weight**2, self._share[places])
        self._mixture[places] = np.where(valid, mixture, self._mixture[places])
        self._count[places] = count + valid
        self._step[places] = np.where(valid, step, self._step[places])

    def forget(self, places: list[int]) -> None:
        """What was seen before says nothing: statistics were set from outside, or have only now settled."""
        for place in places:
            self._averages[:, self._layout.slice_of(place)] = 0
            self._count[place] = 0
            self._share[place] = 1

    def read(self) -> Readings:
        """What the averages say now."""
        layers = len(self._layout.widths)
        lag, floor, spread = (np.full(layers, np.nan) for _ in range(3))
        for group in self._layout.groups:
            places = group.layers
            square = group.of(self._averages[0]).astype(np.float64) ** 2
            share = self._share[places]
            # The spread of n samples around their own average is too small by 1 − Σw².
            variance = np.maximum(group.of(self._averages[1]) - square, 0) / np.maximum(1 - share, 1e-9)[:, None]
            some, several = self._count[places] >= 1, self._count[places] >= 4
            lag[places] = np.where(some, np.sqrt(square.mean(axis=1)), np.nan)
            floor[places] = np.where(several, np.sqrt(variance.mean(axis=1) * share), np.nan)
            spread[places] = np.where(several, np.median(variance, axis=1) / self._mixture[places], np.nan)
        return Readings(lag, floor, spread)


def fingerprints(vectors: list[Vector]) -> Vector:
    """Sixteen bits a channel that change when any of the values does (but for one time in 65,536)."""
    mixed = np.zeros(len(vectors[0]), np.uint32)
    for vector in vectors:
        bits = np.ascontiguousarray(vector, np.float32).view(np.uint32)
        mixed = (mixed * np.uint32(0x9E3779B1)) ^ bits
        mixed ^= mixed >> np.uint32(15)
    folded: Vector = (mixed ^ (mixed >> np.uint32(16))).astype(np.uint16)
    return folded
