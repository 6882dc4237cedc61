"""Where each layer stands: averages over the recent samples, three numbers a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..packing.layout import Group, Layout

Vector = np.ndarray[Any, Any]

#: A new sample's weight is at least this: noise is averaged over some fifteen samples,
_LEAST_WEIGHT = 1 / 8
#: and at most this, however far apart they are.
_MOST_WEIGHT = 1 / 2
#: Samples this many steps apart have a weight of 1: what was long ago says little about now.
_FADING_STEPS = 200


@dataclass
class Readings:
    """What the averages say of each layer, ``[layer]``; NaN where nothing is known."""

    lag: Vector
    lag_floor: Vector
    variance_ratio: Vector
    spread: Vector


class RecentSamples:
    """Running averages of (batch mean − running mean) / σ, of its square, and of log(batch / running variance).

    Memory is ten bytes a channel. ``spread`` is the variance of the first: the variance of batch means in units of the
    batch variance, since the running mean follows what moves slowly.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._shift = np.zeros(layout.channels, np.float32)
        self._square = np.zeros(layout.channels, np.float32)
        self._ratio = np.zeros(layout.channels, np.float16)
        layers = len(layout.widths)
        #: Σ of squared weights of the samples in the average: 1/n for n equal ones.
        self._share = np.ones(layers)
        self._mixture = np.ones(layers)
        self._count = np.zeros(layers, int)
        self._step = np.zeros(layers, int)

    def add(self, group: Group, step: int, shift: Vector, log_ratio: Vector, valid: Vector, mixture: Vector) -> None:
        """Takes the samples of one group in.

        Args:
            group: Its layers.
            step: Of the samples.
            shift: (batch mean − running mean) / σ, ``[layer, channel]``.
            log_ratio: log(batch variance / running variance), likewise.
            valid: Which layers have a sample, ``[layer]``.
            mixture: Σw² of the batches mixed in it, ``[layer]``.
        """
        places = group.layers
        valid = valid & np.isfinite(shift).all(axis=1)
        weight = np.clip((step - self._step[places]) / _FADING_STEPS, _LEAST_WEIGHT, _MOST_WEIGHT)
        weight = np.where(self._count[places] == 0, 1.0, np.maximum(weight, 1.0 / (self._count[places] + 1)))
        weight = np.where(valid, weight, 0.0)
        column = weight[:, None].astype(np.float32)
        known = valid[:, None]
        for average, value in (
            (self._shift, shift),
            (self._square, shift**2),
            (self._ratio, np.clip(np.nan_to_num(log_ratio), -30, 30)),
        ):
            part = group.of(average)
            part += np.where(known, column * (np.where(known, value, 0) - part), 0).astype(average.dtype)
        share = (1 - weight) ** 2 * self._share[places] + weight**2
        self._share[places] = np.where(valid, share, self._share[places])
        self._mixture[places] = np.where(valid, mixture, self._mixture[places])
        self._count[places] += valid
        self._step[places] = np.where(valid, step, self._step[places])

    def forget(self, places: list[int]) -> None:
        """Statistics were set from outside: what was seen before says nothing."""
        for place in places:
            part = self._layout.slice_of(place)
            self._shift[part] = self._square[part] = self._ratio[part] = 0
            self._count[place] = 0
            self._share[place] = 1

    def read(self) -> Readings:
        """What the averages say now."""
        layers = len(self._layout.widths)
        lag, floor, ratio, spread = (np.full(layers, np.nan) for _ in range(4))
        for group in self._layout.groups:
            shift = group.of(self._shift).astype(np.float64)
            share = self._share[group.layers]
            # The spread of n samples around their own average is too small by 1 − Σw².
            variance = np.maximum(group.of(self._square) - shift**2, 0) / np.maximum(1 - share, 1e-9)[:, None]
            some = self._count[group.layers] >= 1
            several = self._count[group.layers] >= 4
            lag[group.layers] = np.where(some, np.sqrt((shift**2).mean(axis=1)), np.nan)
            floor[group.layers] = np.where(several, np.sqrt(variance.mean(axis=1) * share), np.nan)
            log_ratio = np.median(group.of(self._ratio).astype(np.float64), axis=1)
            ratio[group.layers] = np.where(some, np.exp(log_ratio), np.nan)
            per_batch = np.median(variance, axis=1) / self._mixture[group.layers]
            spread[group.layers] = np.where(several, per_batch, np.nan)
        return Readings(lag, floor, ratio, spread)


def fingerprints(vectors: list[Vector]) -> Vector:
    """Sixteen bits a channel that change when any of the values does (but for one time in 65,536)."""
    mixed = np.zeros(len(vectors[0]), np.uint32)
    for vector in vectors:
        bits = np.ascontiguousarray(vector, np.float32).view(np.uint32)
        mixed = (mixed * np.uint32(0x9E3779B1)) ^ bits
        mixed ^= mixed >> np.uint32(15)
    return (mixed ^ (mixed >> np.uint32(16))).astype(np.uint16)
