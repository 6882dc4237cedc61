"""Scores of classes are made so that their softmax is the model's probabilities."""

from __future__ import annotations

import os

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")

from normlens.probing.keras_losses import are_classes, scores_of  # noqa: E402
from normlens.probing.outputs import output_difference, predictions, softmax  # noqa: E402

L = keras.losses


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("sparse_categorical_crossentropy", True),
        ("categorical_crossentropy", True),
        ("binary_crossentropy", True),
        (L.categorical_crossentropy, True),
        (L.SparseCategoricalCrossentropy(from_logits=True), True),
        (L.BinaryCrossentropy(), True),
        ("mse", False),
        (L.Huber(), False),
        (None, False),
        ({"a": "categorical_crossentropy"}, False),
        (["binary_crossentropy"], False),
    ],
)
def test_a_loss_says_whether_the_output_is_scores_of_classes(loss: object, expected: bool) -> None:
    assert are_classes(loss) is expected


def test_probabilities_and_logits_give_the_same_scores() -> None:
    logits = np.random.default_rng(0).normal(size=(5, 4, 3)).astype("float32")
    probabilities = np.moveaxis(softmax(np.moveaxis(logits, -1, 1)), 1, -1)
    one = softmax(scores_of(L.SparseCategoricalCrossentropy(from_logits=True))(logits))
    other = softmax(scores_of("sparse_categorical_crossentropy")(probabilities))
    assert one.shape == (5, 3, 4)
    assert np.allclose(one, other, atol=1e-6)
    assert np.allclose(np.moveaxis(one, 1, -1), probabilities, atol=1e-6)


@pytest.mark.parametrize("shape", [(6, 1), (6, 5), (6, 2, 2, 1)])
def test_each_answer_of_a_binary_loss_is_a_question_by_itself(shape: tuple[int, ...]) -> None:
    logits = np.random.default_rng(0).normal(size=shape).astype("float32")
    shares = 1 / (1 + np.exp(-logits))
    one = scores_of(L.BinaryCrossentropy(from_logits=True))(logits)
    other = scores_of("binary_crossentropy")(shares)
    assert np.allclose(softmax(one)[:, 1], shares, atol=1e-6)
    assert np.allclose(softmax(other)[:, 1], shares, atol=1e-6)
    assert predictions(one, True) == logits.size
    assert output_difference(one, -one, True)["flips"] == logits.size
