"""Packs the layers of a PyTorch model. Nothing here waits for a device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import torch
from torch import Tensor, nn

from .layout import Layout
from .snapshot import NONE, Snapshot

#: running_mean, running_var, γ, β, num_batches_tracked; None where a layer has none.
Parts = tuple[Optional[Tensor], Optional[Tensor], Optional[Tensor], Optional[Tensor], Optional[Tensor]]
_NAMES = ("running_mean", "running_var", "weight", "bias", "num_batches_tracked")


def parts_of(module: nn.Module) -> Parts:
    """A layer's tensors, looked up each time: `.to()` and assignments replace them."""
    if isinstance(module, torch.jit.ScriptModule):
        return tuple(getattr(module, name, None) for name in _NAMES)  # type: ignore[return-value]
    buffers, parameters = module._buffers, module._parameters
    return (
        buffers.get("running_mean"),
        buffers.get("running_var"),
        _whole(parameters.get("weight")),
        _whole(parameters.get("bias")),
        buffers.get("num_batches_tracked"),
    )


def _whole(parameter: Tensor | None) -> Tensor | None:
    """A parameter that is here as a whole: of a sharded one (FSDP) every rank has a part only."""
    return parameter if parameter is None or type(parameter) in (nn.Parameter, Tensor) else None


def writes_of(module: nn.Module) -> int:
    """How often the counter was written. Kept beside the tensor on the host, so asking costs nothing on a device."""
    counter = parts_of(module)[4] if isinstance(module, torch.jit.ScriptModule) else module._buffers.get(_NAMES[4])
    return -1 if counter is None else counter._version


class DeviceSnapshot(Snapshot):
    """A snapshot whose numbers are on their way from a device."""

    def __init__(self, snapshot: Snapshot, arrivals: list[tuple[Any, Any]]) -> None:
        super().__init__(**vars(snapshot))
        self._arrivals = arrivals

    def ready(self) -> bool:
        """Whether all have arrived; asks the device without waiting for it."""
        while self._arrivals:
            event, unpack = self._arrivals[0]
            if not event.query():
                return False
            unpack()
            self._arrivals.pop(0)
        return True


class TorchPacker:
    """Takes snapshots of a fixed list of layers."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def snapshot(self, modules: Sequence[nn.Module], affine: bool = True) -> Snapshot:
        """All layers now, with γ and β or without. `modules` are in the order of their places in the layout."""
        parts = [parts_of(module) for module in modules]
        if not affine:
            parts = [(mean, variance, None, None, counter) for mean, variance, _, _, counter in parts]
        training = tuple(bool(module.training) for module in modules)
        writes = tuple(-1 if counter is None else counter._version for *_, counter in parts)
        identity = tuple(id(mean) for mean, *_ in parts)
        devices = {mean.device for mean, *_ in parts if mean is not None}
        with torch.no_grad():
            if all(device.type == "cpu" for device in devices):
                mean, variance, gamma, beta = (
                    self._vectors(parts, 4) if affine else (*self._vectors(parts, 2), NONE, NONE)
                )
                return Snapshot(mean, variance, gamma, beta, _counters(parts), writes, identity, training)
            return self._from_devices(parts, writes, identity, training)

    def _vectors(self, parts: list[Parts], quantities: int) -> Any:
        """The first quantities, ``[quantity, channel]`` in the order of the layout, by one concatenation."""
        ordered = [parts[place] for place in self._layout.order]
        tensors = [part[which] for which in range(quantities) for part in ordered]
        present = [tensor for tensor in tensors if tensor is not None]
        dtype = torch.float64 if any(tensor.dtype == torch.float64 for tensor in present) else torch.float32
        result = torch.empty(quantities * self._layout.channels, dtype=dtype, device="cpu")
        if len(present) == len(tensors):
            torch.cat(present, out=result)
            return result.numpy().reshape(quantities, -1)
        result.fill_(torch.nan)
        whole = result.view(quantities, -1)
        for which in range(quantities):
            for place, part in zip(self._layout.order, ordered):
                tensor = part[which]
                if tensor is not None:
                    whole[which, self._layout.slice_of(place)] = tensor.detach().reshape(-1)
        return whole.numpy()

    def _from_devices(
        self, parts: list[Parts], writes: tuple[int, ...], identity: tuple[int, ...], training: tuple[bool, ...]
    ) -> Snapshot:
        vectors = [np.full(self._layout.channels, np.nan, np.float32) for _ in range(4)]
        counters = np.full(len(parts), -1, np.int64)
        mean, variance, gamma, beta = vectors
        snapshot = Snapshot(mean, variance, gamma, beta, counters, writes, identity, training)
        arrivals = []
        for device in {mean.device for mean, *_ in parts if mean is not None}:
            places = [place for place, (mean, *_) in enumerate(parts) if mean is not None and mean.device == device]
            arrivals.append(self._send(parts, places, device, vectors, counters))
        return DeviceSnapshot(snapshot, arrivals)

    def _send(
        self, parts: list[Parts], places: list[int], device: torch.device, vectors: list[Any], counters: Any
    ) -> tuple[Any, Any]:
        """Copies what one device has, on its current stream, to memory of the host; says what to do on arrival."""
        wanted = [(which, place, parts[place][which]) for which in range(4) for place in places]
        present = [(which, place, tensor) for which, place, tensor in wanted if tensor is not None]
        flat = torch.cat([tensor.detach().reshape(-1).float() for _, _, tensor in present])
        numbered = [place for place in places if parts[place][4] is not None]
        counted = [counter.reshape(()) for counter in (parts[place][4] for place in numbered) if counter is not None]
        counts = torch.stack(counted) if counted else None
        pinned = device.type == "cuda"
        host = torch.empty(flat.shape, dtype=flat.dtype, device="cpu", pin_memory=pinned)
        host.copy_(flat, non_blocking=True)
        host_counts = None
        if counts is not None:
            host_counts = torch.empty(counts.shape, dtype=counts.dtype, device="cpu", pin_memory=pinned)
            host_counts.copy_(counts, non_blocking=True)
        event = _event(device)

        def unpack() -> None:
            numbers, start = host.numpy(), 0
            for which, place, _ in present:
                width = self._layout.widths[place]
                vectors[which][self._layout.slice_of(place)] = numbers[start : start + width]
                start += width
            if host_counts is not None:
                counters[numbered] = host_counts.numpy()

        return event, unpack


class _Arrived:
    def query(self) -> bool:
        return True


def _event(device: torch.device) -> Any:
    """An event after everything that was sent to the device so far; already over where a device has none."""
    kind = getattr(getattr(torch, device.type, None), "Event", None)
    if kind is None:
        return _Arrived()
    with getattr(torch, device.type).device(device):
        event = kind()
        event.record()
    return event


def _counters(parts: list[Parts]) -> np.ndarray[Any, Any]:
    whole = [part[4] for part in parts if part[4] is not None]
    if len(whole) == len(parts) and whole:
        return torch.stack(whole).reshape(-1).numpy()
    result = np.full(len(parts), -1, np.int64)
    numbered = [place for place, (*_, counter) in enumerate(parts) if counter is not None]
    counters = [counter.reshape(()) for *_, counter in parts if counter is not None]
    if counters:
        result[numbered] = torch.stack(counters).numpy()
    return result
