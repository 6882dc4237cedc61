"""`normlens.KerasCallback`, for `model.fit(callbacks=[...])` of Keras."""

from __future__ import annotations

import sys
from typing import Any

try:
    import keras
except ModuleNotFoundError as error:
    if error.name != "keras":
        raise
    raise ModuleNotFoundError("KerasCallback needs Keras: pip install keras", name="keras") from None

from ..call import watch
from ..failures import report_failure


class KerasCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Records each `fit` of the model. It looks at no batch, so Keras calls other callbacks as it would without it.

    Args:
        probe: As in `normlens.watch`.
    """

    def __init__(self, *, probe: Any = None) -> None:
        super().__init__()
        self.probe = probe

    def set_model(self, model: Any) -> None:
        """Before Keras makes its step function, which is where steps are heard."""
        super().set_model(model)
        watch(model, probe=self.probe)

    def on_train_begin(self, logs: Any = None) -> None:
        """Says that `fit` was called, where it was called before anything listened."""
        try:
            from ...recording.keras import recorder

            recording = recorder()
            if recording is not None:
                # Not `self.model`: with JAX that brings the state of all variables up to date.
                recording.fit_began(self._model, _arguments_of_fit(sys._getframe(1)))
        except Exception as error:
            report_failure("the callback failed", error)


def _arguments_of_fit(frame: Any) -> dict[str, Any]:
    """What `fit` was called with; nothing where it can't be seen."""
    while frame is not None:
        if frame.f_code.co_name == "fit" and {"x", "batch_size"} <= frame.f_locals.keys():
            return {name: frame.f_locals.get(name) for name in ("x", "batch_size", "shuffle", "validation_split")}
        frame = frame.f_back
    return {}


# A copy that was pickled is found by the public name, in processes that are attached and in others.
KerasCallback.__module__ = "normlens"
