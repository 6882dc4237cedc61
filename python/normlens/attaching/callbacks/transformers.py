"""`normlens.TransformersCallback`, for `Trainer(callbacks=[...])` of Hugging Face Transformers."""

from __future__ import annotations

from typing import Any

try:
    from transformers import TrainerCallback
except ModuleNotFoundError as error:
    if error.name != "transformers":
        raise
    raise ModuleNotFoundError(
        "TransformersCallback needs Transformers: pip install transformers", name="transformers"
    ) from None

from ..call import watch


class TransformersCallback(TrainerCallback):
    """Records each `train` of the trainer.

    Args:
        probe: A batch for probes, as in `normlens.watch`.
    """

    def __init__(self, *, probe: Any = None) -> None:
        super().__init__()
        self.probe = probe

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        """Before the first step."""
        watch(model, probe=self.probe)


# A copy that was pickled is found by the public name, in processes that are attached and in others.
TransformersCallback.__module__ = "normlens"
