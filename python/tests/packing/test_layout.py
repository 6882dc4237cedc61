"""Where channels lie in packed vectors."""

from __future__ import annotations

import numpy as np

from normlens.packing.layout import Layout


def test_every_channel_has_one_place() -> None:
    widths = [64, 3, 64, 1, 3, 4096]
    layout = Layout(widths)
    vector = np.full(layout.channels, -1)
    for place, width in enumerate(widths):
        part = vector[layout.slice_of(place)]
        assert len(part) == width
        assert (part == -1).all(), "two layers share a channel"
        part[:] = place
    np.testing.assert_array_equal(layout.place_of, vector)
    np.testing.assert_allclose(layout.mean(np.stack([vector, 2.0 * vector])), [range(6), range(0, 12, 2)])
    for group in layout.groups:
        assert (group.of(vector) == group.layers[:, None]).all()
    assert sorted(place for group in layout.groups for place in group.layers) == list(range(len(widths)))


def test_layers_of_one_width_are_one_matrix_without_a_copy() -> None:
    layout = Layout([8] * 5)
    vector = np.zeros(40)
    [group] = layout.groups
    group.of(vector)[3] = 1
    assert vector[layout.slice_of(3)].all()
    assert vector.sum() == 8
