"""What happens to PyTorch models between optimizer steps, written into the run."""

from __future__ import annotations

import os
import time
import weakref
from typing import TYPE_CHECKING, Any

from torch import nn

from ..finding.pytorch import named_modules, norms_below
from ..watching.pytorch import norms_loaded, states_in
from .pytorch_source import source_of

if TYPE_CHECKING:
    from .pytorch import TorchRecorder
    from .watch import Watch

#: For so many seconds nothing may happen while a model is evaluated.
_EVALUATION_SECONDS = 60.0


class Between:
    """Hears the calls of `watching.pytorch`."""

    def __init__(self, recorder: TorchRecorder) -> None:
        self._recorder = recorder
        self._reset_at: weakref.WeakKeyDictionary[Watch, int] = weakref.WeakKeyDictionary()

    def mode_set(self, root: nn.Module, training: bool) -> None:
        """After `train()` or `eval()`."""
        if not training and self._recorder.models.run is not None:
            self._recorder.enter(self._evaluated, root)

    def loaded(self, module: nn.Module, keys: frozenset[str]) -> None:
        """After `load_state_dict`."""
        self._recorder.enter(self._loaded, module, keys)

    def saved(self, thing: Any, file: Any) -> None:
        """After `torch.save`."""
        if self._recorder.models.run is not None:
            self._recorder.enter(self._saved, thing, file)

    def reset(self, module: nn.Module) -> None:
        """After `reset_running_stats`."""
        if self._recorder.models.run is not None:
            self._recorder.enter(self._reset, module)

    def _evaluated(self, root: nn.Module) -> None:
        models = self._recorder.models
        below = {id(module) for _, module in named_modules(root)}
        for watch in models.all:
            if not below.isdisjoint(source_of(watch).places):
                watch.evaluated()
        if models.run is not None:
            models.run.beat(time.perf_counter(), _EVALUATION_SECONDS)
        models.note_other(root)

    def _loaded(self, module: nn.Module, keys: frozenset[str]) -> None:
        models = self._recorder.models
        layers = norms_loaded(module, keys)
        seen: set[int] = set()
        for watch in models.all:
            known = source_of(watch).places
            places = {known[key]: found for key, found in layers.items() if key in known}
            seen.update(key for key in layers if key in known)
            if places:
                models.segment(watch, places)
        for inner in module.modules():
            if id(inner) in layers and id(inner) not in seen:
                models.keep_load(inner, layers[id(inner)])

    def _saved(self, thing: Any, file: Any) -> None:
        # The name alone: a path may say more than a person wants to show.
        name = os.path.basename(os.fsdecode(file)) if isinstance(file, (str, bytes, os.PathLike)) else None
        for names in states_in(thing):
            keys = {key.replace("_orig_mod.", "").replace("module.", "") for key in names}
            for watch in self._recorder.models.all:
                _write_checkpoint(watch, keys, name)

    def _reset(self, module: nn.Module) -> None:
        for watch in self._recorder.models.watches:
            if id(module) not in source_of(watch).places:
                continue
            run = watch.run
            watch.disturb()
            if self._reset_at.get(watch) != run.step:
                self._reset_at[watch] = run.step
                layers = [layer.id for layer in watch.layers]
                reason = {"reason": "statistics-recomputed", "detail": "reset_running_stats"}
                run.record({"type": "segment", "step": run.step, **reason, "layers": layers})


def _write_checkpoint(watch: Watch, keys: set[str], path: str | None) -> None:
    source = source_of(watch)
    root = source.root()
    if root is None:
        return
    places = source.places
    paths = [path_of for path_of, module in norms_below(root) if id(module) in places]
    affine = [place for place in paths if _has(keys, f"{place}.weight")]
    complete = [place for place in paths if _has(keys, f"{place}.running_mean")]
    if not affine and not complete:
        return
    layers = [layer.id for layer in watch.layers]
    statistics = len(complete) == len(paths)
    rank = watch.run.rank if watch.run.ranks > 1 else None
    fields = {"path": path, "rank": rank, "statistics": statistics, "layers": layers}
    watch.run.record({"type": "checkpoint", "step": watch.run.step, **fields})
    watch.standing("saved")


def _has(keys: set[str], wanted: str) -> bool:
    """Whether a state has a tensor, by its name or with more in front of it (``model.``)."""
    return wanted in keys or any(key.endswith(f".{wanted}") for key in keys)
