"""What is kept of batches, and how a batch is divided."""

from __future__ import annotations

import numpy as np

from normlens.probing.kept import MOST_BYTES, Kept, fitting, halves_of


def test_halves_are_every_other_sample() -> None:
    x, mask = np.arange(10).reshape(5, 2), np.array(3)
    one, other = halves_of(Kept(7, (x, [x * 2], mask), 5, {"named": {"x": x + 1}}))
    assert [one.samples, other.samples] == [3, 2]
    assert one.inputs[0].tolist() == x[::2].tolist()
    assert other.inputs[1][0].tolist() == (x * 2)[1::2].tolist()
    assert one.inputs[2] is mask
    assert other.named["named"]["x"].tolist() == (x + 1)[1::2].tolist()


def test_few_samples_have_no_halves() -> None:
    assert halves_of(Kept(1, (np.zeros((3, 2)),), 3)) == []


def test_a_large_batch_is_cut() -> None:
    assert fitting(64, 1000) == 64
    assert fitting(64, 4 * MOST_BYTES) == 16
    assert fitting(64, 1e12) == 2
