"""What a watch of a PyTorch model knows when the model is gone."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")


def test_a_layer_that_is_gone_leaves_its_id_to_others() -> None:
    from normlens.packing.layout import Layout
    from normlens.recording.pytorch_source import TorchSource

    model = torch.nn.Sequential(torch.nn.BatchNorm1d(3))
    source = TorchSource(model, list(model), Layout([3]), compiled=False)
    assert source.places == {id(model[0]): 0}
    assert source.is_root(model)
    other = torch.nn.Sequential()
    assert not source.is_root(other)
    del model
    assert source.places == {}
    assert not source.is_root(other)
