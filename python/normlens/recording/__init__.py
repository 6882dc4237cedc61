"""Puts the rooms together: a run of one process, the models in it, and what arms a framework."""

from __future__ import annotations

import sys
from typing import Any

from ..attaching.arming import arm_imported

__all__ = ["watch"]


def watch(model: Any) -> Any:
    """Records the trainings of this process from now on, without a launcher.

    Call it once, before the first optimizer step; the best place is right after ``import torch``, since layers that are
    constructed earlier have no source line.

    Args:
        model: A PyTorch or Keras model.

    Returns:
        The same model.
    """
    arm_imported()
    if "torch" not in sys.modules and "keras" not in sys.modules:
        sys.stderr.write("normlens: neither PyTorch nor Keras is imported: nothing to record\n")
    return model
