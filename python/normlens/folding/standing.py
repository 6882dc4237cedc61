"""Where each layer stands: averages over the recent samples, one number a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..packing.layout import Layout

Vector = np.ndarray[Any, Any]

#: A new sample's weight is at least this: noise is averaged over some fifteen samples,
_LEAST_WEIGHT = 1 / 8
#: and at most this, however far apart they are.
_MOST_WEIGHT = 0.6
#: What is older than this share of a training says little about now, and so does what is so many steps old.
_FADING_SHARE, _FADING_LEAST, _FADING_MOST = 0.25, 8, 200


#: The variance of samples is averaged over some sixty of them, and known from so many on.
_VARIANCE_WEIGHT = 1 / 32
_VARIANCE_FADING = 0.5
_FEWEST = 3
_DOUBT = 4.0


@dataclass
class Readings:
    """What the averages say of each layer, ``[layer]``; NaN where nothing is known."""

    lag: Vector
    lag_floor: Vector
    spread: Vector


class RecentSamples:
    """A running average of (batch mean − running mean) / σ, and how far new samples are from it.

    Memory is four bytes a channel. The running mean follows what moves slowly, so what is left varies as batch means
    do, in units of the batch variance. How far a new sample is from the average of those before says by how much.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._average = np.zeros(layout.channels, np.float32)
        layers = len(layout.widths)
        #: Σ of squared weights of the samples in the average: 1/n for n equal ones.
        self._share = np.ones(layers)
        self._count = np.zeros(layers, int)
        self._step = np.zeros(layers, int)
        #: Average over samples of the variance of one, mean over channels; and over how many.
        self._variance = np.zeros(layers)
        self._per_batch = np.zeros(layers)
        self._varied = np.zeros(layers, int)

    def add(self, step: int, age: int, shift: Vector, valid: Vector, mixture: Vector) -> None:
        """Takes the samples of one step in.

        Args:
            step: Of the samples.
            age: Steps since this training of the model began.
            shift: (batch mean − running mean) / σ, packed.
            valid: Which layers have a sample, ``[layer]``.
            mixture: Σw² of the batches mixed in it, ``[layer]``.
        """
        count, share, of = self._count, self._share, self._layout.place_of
        fading = min(_FADING_MOST, max(_FADING_LEAST, _FADING_SHARE * age))
        weight = np.clip((step - self._step) / fading, _LEAST_WEIGHT, _MOST_WEIGHT)
        weight = np.where(valid, np.maximum(weight, 1.0 / (count + 1)), 0.0)
        surprise = np.where(valid[of], shift, 0.0) - self._average
        fade = _VARIANCE_FADING * (step - self._step) / max(1, age)
        variance = self._layout.mean(surprise * surprise) / (1 + share)
        self._vary(variance, valid & (count > 0), mixture, fade)
        self._average += (weight[of] * surprise).astype(np.float32)
        self._share = np.where(valid, (1 - weight) ** 2 * share + weight**2, share)
        self._count = count + valid
        self._step = np.where(valid, step, self._step)

    def _vary(self, variance: Vector, known: Vector, mixture: Vector, fade: Vector) -> None:
        """Averages over more samples than the average itself: a variance of few is a poor one.

        What was long ago fades all the same: then weights or inputs may have been on the move.
        """
        weight = np.maximum(1.0 / (self._varied + 1), np.clip(fade, _VARIANCE_WEIGHT, _LEAST_WEIGHT))
        weight = np.where(known, weight, 0.0)
        for average, value in ((self._variance, variance), (self._per_batch, variance / mixture)):
            average += weight * (np.where(known, value, 0.0) - average)
        self._varied = self._varied + known

    def forget(self, places: list[int]) -> None:
        """What was seen before says nothing: statistics were set from outside, or have only now settled."""
        for place in places:
            self._average[self._layout.slice_of(place)] = 0
        self._count[places] = self._varied[places] = 0
        self._share[places] = 1

    def read(self) -> Readings:
        """What the averages say now."""
        lag = np.sqrt(self._layout.mean(self._average.astype(np.float64) ** 2))
        several = self._varied >= _FEWEST
        # A spread of few samples is often too small.
        doubt = 1 + _DOUBT / np.maximum(self._varied, 1)
        return Readings(
            np.where(self._count > 0, lag, np.nan),
            np.where(several, np.sqrt(self._variance * self._share) * doubt, np.nan),
            np.where(several, self._per_batch, np.nan),
        )


def fingerprints(vectors: list[Vector]) -> Vector:
    """Sixteen bits a channel that change when any of the values does (but for one time in 65,536)."""
    mixed = np.zeros(len(vectors[0]), np.uint32)
    for vector in vectors:
        bits = np.ascontiguousarray(vector, np.float32).view(np.uint32)
        mixed = (mixed * np.uint32(0x9E3779B1)) ^ bits
        mixed ^= mixed >> np.uint32(15)
    folded: Vector = (mixed ^ (mixed >> np.uint32(16))).astype(np.uint16)
    return folded
