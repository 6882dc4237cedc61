"""On a device nothing waits: no value is asked for before its copy has arrived.

There is no GPU where these tests run, so the device is a tensor subclass that forbids every call that would wait.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

WAITING = {
    torch.Tensor.item,
    torch.Tensor.tolist,
    torch.Tensor.numpy,
    torch.Tensor.cpu,
    torch.Tensor.__bool__,
    torch.Tensor.__float__,
    torch.Tensor.__int__,
    torch.Tensor.__index__,
    torch.Tensor.__len__,
    torch.Tensor.nonzero,
    torch.equal,
    torch.isfinite,
}


class PretendedDevice:
    """As `torch.device` is asked."""

    type = "pretended"
    index = 0


DEVICE = PretendedDevice()


class OnDevice(torch.Tensor):
    """A tensor on a pretended device."""

    @classmethod
    def __torch_function__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        assert function not in WAITING, f"{function.__name__} waits for the device"
        if function is torch.Tensor.copy_ and not isinstance(args[0], OnDevice):
            assert (kwargs or {}).get("non_blocking") is True, "a copy to the host that waits"
            with torch._C.DisableTorchFunctionSubclass():
                return args[0].copy_(args[1])
        return super().__torch_function__(function, types, args, kwargs or {})


class Event:
    """Over when the test says so."""

    pending: list[Event] = []  # noqa: RUF012
    over = False

    def record(self) -> None:
        Event.pending.append(self)

    def query(self) -> bool:
        return self.over


class Device:
    def __init__(self, device: Any) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: Any) -> None:
        pass


@pytest.fixture
def norms(monkeypatch: Any) -> list[nn.Module]:
    monkeypatch.setattr(torch, "pretended", SimpleNamespace(Event=Event, device=Device), raising=False)
    monkeypatch.setattr(OnDevice, "device", property(lambda self: DEVICE), raising=False)
    Event.pending = []
    modules = [nn.BatchNorm1d(width) for width in (6, 3, 6)]
    for place, module in enumerate(modules):
        module.running_mean.fill_(place + 1)
        for name, buffer in list(module._buffers.items()):
            module._buffers[name] = buffer.as_subclass(OnDevice)
    with pytest.raises(AssertionError, match="waits for the device"):
        modules[0].num_batches_tracked.item()
    return modules


def test_a_snapshot_arrives_later_and_is_what_it_was(norms: list[Any]) -> None:
    from normlens.packing.layout import Layout
    from normlens.packing.pytorch import TorchPacker

    layout = Layout([6, 3, 6])
    snapshot = TorchPacker(layout).snapshot(norms)
    assert not snapshot.ready()
    for module in norms:
        module.running_mean.mul_(100)  # The training goes on before the copy has arrived.
    for event in Event.pending:
        event.over = True
    assert snapshot.ready()
    for place in range(3):
        assert (snapshot.mean[layout.slice_of(place)] == place + 1).all()
        assert (snapshot.variance[layout.slice_of(place)] == 1).all()
    assert snapshot.updates.tolist() == [0, 0, 0]


def test_steps_and_standings_wait_for_nothing(norms: list[Any], tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("NORMLENS_EVERY", "1")
    from conftest import RecordedRun

    from normlens.finding.pytorch import facts_of
    from normlens.packing.layout import Layout
    from normlens.recording.pytorch_source import TorchSource
    from normlens.recording.run import Run
    from normlens.recording.watch import Watch

    root = nn.Sequential(*norms)
    layers = [facts_of(module, str(place), "Net", str(place), str(place)) for place, module in enumerate(norms)]
    run = Run(tmp_path, "device")
    run.begin({}, layers)
    watch = Watch(run, TorchSource(root, norms, Layout([6, 3, 6]), False), layers, "Net")
    for step in range(1, 8):
        for module in norms:  # What a forward pass in training mode does.
            module.running_mean.mul_(0.9).add_(0.1 * step)
            module.running_var.mul_(0.9).add_(0.1)
            module.num_batches_tracked.add_(1)
        watch.tick(0.1, 0.01)
        for event in Event.pending[: 2 * (step - 2)]:
            event.over = True
    watch.standing("evaluated")
    frames = RecordedRun(run.folder).channels("0")
    assert len(frames) >= 3
    for step, values in frames.items():
        np.testing.assert_allclose(values["batch_mean"], step, rtol=1e-5)
