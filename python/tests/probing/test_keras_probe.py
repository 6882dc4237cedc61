"""What a model's layers say of a probe of it."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")

from normlens.probing.keras_probe import augments  # noqa: E402

L = keras.layers


def test_layers_that_augment_images_are_known_wherever_they_are() -> None:
    inner = keras.Sequential([L.RandomFlip(), L.Rescaling(2.0)])
    assert augments(keras.Sequential([L.Input((8, 8, 3)), inner, L.BatchNormalization()]))
    assert not augments(
        keras.Sequential([L.Input((8, 8, 3)), L.Rescaling(2.0), L.Dropout(0.5), L.BatchNormalization()])
    )
