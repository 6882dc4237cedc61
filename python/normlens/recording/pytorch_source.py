"""The BN layers of one PyTorch model, as a watch asks for them."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from ..finding.layers import Layer
from ..finding.pytorch import is_trained, unwrapped, update_weight_of
from ..packing.layout import Layout
from ..packing.pytorch import TorchPacker, writes_of
from ..packing.snapshot import Snapshot
from ..probing.pytorch import PassMeter
from ..probing.pytorch_inputs import KeptInputs
from ..ticking.pytorch_tracing import cuda_graphs
from .idle import IsUsual
from .watch import Watch


class TorchSource:
    """The BN layers of a PyTorch model, which it does not keep alive."""

    def __init__(self, root: nn.Module, modules: Sequence[nn.Module], layout: Layout, compiled: bool) -> None:
        self.root = weakref.ref(root)
        self._modules = [weakref.ref(module) for module in modules]
        self.layout, self._packer = layout, TorchPacker(layout)
        self.buffers: list[Any] = [{} if isinstance(m, torch.jit.ScriptModule) else m._buffers for m in modules]
        #: Seconds that a snapshot takes after `snapshot` has returned: on a device next to nothing.
        self.behind = 0.0
        self.owned: set[int] = set()
        self._roots = [weakref.ref(root), weakref.ref(unwrapped(root))]
        self._compiled = compiled
        #: Listens to the passes of the step that comes, and the first step of the phase at which one does so again.
        self.meter: PassMeter | None = None
        self.next_measure = 0
        self.inputs = KeptInputs()
        self.containers = _containers(root, self.places)

    @property
    def places(self) -> dict[int, int]:
        """Place of each layer by its id. A layer that is gone has none: another one may have its id by now."""
        alive = [(reference(), place) for place, reference in enumerate(self._modules)]
        return {id(module): place for module, place in alive if module is not None}

    def is_root(self, module: nn.Module) -> bool:
        """Whether a module is the model, in its wrappers or without."""
        return any(reference() is module for reference in self._roots)

    def modules(self) -> list[nn.Module] | None:
        """The layers; None when one of them is gone."""
        modules = [reference() for reference in self._modules]
        return None if any(module is None for module in modules) else modules  # type: ignore[return-value]

    def snapshot(self, affine: bool = True) -> Snapshot | None:
        """All layers now, with γ and β or without; None when the model is gone."""
        modules = self.modules()
        return None if modules is None else self._packer.snapshot(modules, affine)

    def writes(self) -> list[int] | None:
        """How often each layer's counter was written; None when the model is gone, or where nobody counts."""
        if self.root() is None or cuda_graphs.replayed:
            return None
        # Asked after every step: the dictionaries of buffers stay the modules' own when tensors in them are replaced.
        try:
            return [buffers["num_batches_tracked"]._version for buffers in self.buffers]
        except (KeyError, AttributeError):
            modules = self.modules()
            return None if modules is None else [writes_of(module) for module in modules]

    def refresh(self, layers: Sequence[Layer]) -> bool:
        """Looks up what is trained and the momentum; whether any changed."""
        modules, changed = self.modules(), False
        for layer, module in zip(layers, modules or ()):
            trained = is_trained(module, self.owned)
            if trained != layer.trained:
                layer.trained, changed = trained, True
            weight = update_weight_of(module)
            if weight != layer.update_weight:
                layer.update_weight, changed = weight, True
        return changed

    def begin_phase(self) -> None:
        """Another training of the model begins: its first passes are measured again."""
        self.next_measure = 0

    def is_training(self) -> bool | None:
        """Whether the model is in training mode; None when it is gone."""
        root = self.root()
        return None if root is None else bool(root.training)

    def is_compiled(self) -> bool:
        """Whether code that has no versions, or has them counted in another way, may write the counters."""
        return self._compiled or cuda_graphs.replayed or _has_compiled()


def usual_updates(watch: Watch) -> IsUsual:
    """Looks at the versions of counters: a KeyError or an AttributeError where a layer has none."""
    # The dictionaries of buffers stay the modules' own when tensors in them are replaced.
    buffers = source_of(watch).buffers
    writes, deltas = watch.counted()

    def is_usual(places: tuple[int, ...], count: int) -> bool:
        for place in places:
            version = buffers[place]["num_batches_tracked"]._version
            if version != writes[place] + count * deltas[place]:
                return False
        return True

    return is_usual


def source_of(watch: Watch) -> TorchSource:
    """What a watch of this framework asks."""
    source = watch.source
    assert isinstance(source, TorchSource)
    return source


def _has_compiled() -> bool:
    dynamo = sys.modules.get("torch._dynamo.utils")
    return bool(dynamo is not None and dynamo.counters["frames"].get("ok"))


def _containers(root: nn.Module, places: dict[int, int]) -> set[int]:
    """Ids of modules that contain one of the layers: the first that is called in a pass is the model."""
    found: set[int] = set()
    ways: list[tuple[nn.Module, tuple[int, ...]]] = [(root, (id(root),))]
    seen: set[int] = set()
    while ways:
        module, above = ways.pop()
        if id(module) in places:
            found.update(above[:-1])
        if id(module) in seen:
            continue
        seen.add(id(module))
        ways.extend((child, (*above, id(child))) for child in module.children())
    return found
