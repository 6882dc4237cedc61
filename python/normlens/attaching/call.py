"""What a script or a notebook calls to be recorded without a launcher: `normlens.watch(model)`."""

from __future__ import annotations

import sys
from typing import Any

from .arming import arm_imported
from .failures import report_failure

#: Sentences that were said: each is said once in a process.
_said: set[str] = set()


def watch(model: Any, *, probe: Any = None) -> Any:
    """Records the trainings of this process from now on, without a launcher.

    Call it once, before the first optimizer step; the best place is right after ``import torch``, since layers that are
    constructed earlier have no source line. In a process that is recorded already it changes nothing but the batch.

    Args:
        model: A PyTorch or Keras model.
        probe: A batch on which probes compare train and eval mode, in place of batches that the model was trained on: a
            tensor, a tuple of positional arguments of the model, or a dictionary of arguments by name, with at least
            two samples. Arguments that the model does not take, such as labels, are left out. It is copied. PyTorch
            only.

    Returns:
        The same model. Nothing is raised: what is wrong is one line on stderr.
    """
    try:
        arm_imported()
        if sys.modules.get("torch") is None and sys.modules.get("keras") is None:
            _say_once("neither PyTorch nor Keras is imported: nothing to record")
        elif probe is not None:
            _give(model, probe)
    except Exception as error:
        report_failure("watch failed", error)
    return model


def _give(model: Any, probe: Any) -> None:
    keras: Any = sys.modules.get("keras")
    torch: Any = sys.modules.get("torch")
    # Before PyTorch: with that backend a Keras model is a module as well.
    if keras is not None and isinstance(model, keras.Model):
        _say_once("probe= has no effect: Keras models are not probed yet")
    elif torch is not None and isinstance(model, torch.nn.Module):
        from ..recording.pytorch import recorder

        recording = recorder()
        if recording is not None:
            recording.give(model, probe)
    else:
        _say_once("probe= has no effect: the model is neither a PyTorch module nor a Keras model")


def _say_once(sentence: str) -> None:
    if sentence not in _said and sys.stderr is not None:
        _said.add(sentence)
        sys.stderr.write(f"normlens: {sentence}\n")
