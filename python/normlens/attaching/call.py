"""What a script or a notebook calls to be recorded without a launcher: `normlens.watch(model)`."""

from __future__ import annotations

import sys
from typing import Any

from .arming import arm_imported
from .failures import report_failure, say

#: Sentences that were said: each is said once in a process.
_said: set[str] = set()


def watch(model: Any, *, probe: Any = None) -> Any:
    """Records the trainings of this process from now on, without a launcher.

    Call it before the first optimizer step. Layers have their source line if they are constructed after
    ``import normlens``. Other models that are trained in this process are recorded as well. A process that is recorded
    already is recorded once.

    Args:
        model: A PyTorch or Keras model.
        probe: A batch on which probes compare train and eval mode, in place of batches that the model was trained on: a
            tensor, a tuple of positional arguments of the model, or a dictionary of arguments by name, with at least
            two samples. Arguments that the model does not take, such as labels, are left out. Of Keras what `fit`
            takes: ``x`` or ``(x, y)``. It is copied.

    Returns:
        The same model. Nothing is raised: what is wrong is one line on stderr.
    """
    try:
        arm_imported()
        if sys.modules.get("torch") is None and sys.modules.get("keras") is None:
            _say_once("neither PyTorch nor Keras is imported: nothing to record")
        else:
            _tell(model, probe)
    except Exception as error:
        report_failure("watch failed", error, asked=True)
    return model


def _tell(model: Any, probe: Any) -> None:
    keras: Any = sys.modules.get("keras")
    torch: Any = sys.modules.get("torch")
    # Before PyTorch: with that backend a Keras model is a module as well.
    if keras is not None and isinstance(model, keras.Model):
        from ..recording.keras import recorder as keras_recorder

        keras_recording = keras_recorder()
        if keras_recording is not None:
            keras_recording.watch(model, probe)
    elif torch is not None and isinstance(model, torch.nn.Module):
        from ..recording.pytorch import recorder

        recording = recorder()
        if recording is not None:
            recording.watch(model, probe)
    else:
        _say_once("watch takes a PyTorch module or a Keras model: other models are not recorded")


def _say_once(sentence: str) -> None:
    if sentence not in _said:
        _said.add(sentence)
        say(sentence, asked=True)
