"""`normlens.LightningCallback`, for `Trainer(callbacks=[...])` of Lightning."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from ..call import watch

if TYPE_CHECKING:
    from lightning.pytorch.callbacks import Callback
else:
    #: Lightning has two names, each with its own classes. The package of one installs the other as well.
    _NAMES = ("lightning.pytorch", "pytorch_lightning")

    def _base() -> type:
        """A callback of each name that the script has imported, else of the first that is installed."""
        modules = [sys.modules[name] for name in _NAMES if sys.modules.get(name)] or [_installed()]
        return type("Callback", tuple(module.Callback for module in modules), {})

    def _installed() -> Any:
        for name in _NAMES:
            try:
                return importlib.import_module(name)
            except ModuleNotFoundError as error:
                # What Lightning itself misses is its own message.
                if error.name not in (name, name.partition(".")[0]):
                    raise
        raise ModuleNotFoundError("LightningCallback needs Lightning: pip install lightning", name="lightning")

    Callback = _base()


class LightningCallback(Callback):
    """Records each `fit` of the trainer, in every process of it.

    Args:
        probe: A batch for probes, as in `normlens.watch`.
    """

    def __init__(self, *, probe: Any = None) -> None:
        super().__init__()
        self.probe = probe

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Before the optimizers are made: processes that the trainer spawns come here as well."""
        if stage == "fit":
            watch(pl_module, probe=self.probe)


# Trainers pickle their callbacks: a copy is found by the public name, in processes that are attached and in others.
LightningCallback.__module__ = "normlens"
