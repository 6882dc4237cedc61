"""How the run of a PyTorch training begins: where it is written, and what its record says of the training."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import torch
from torch import nn

from ..attaching.environment import read_environment
from ..finding.pytorch import class_name, label_of, unwrapped
from ..ticking.pytorch import learning_rate_of
from ..watching.ranks import rank_and_size, told_folder
from .run import Run, script_path

#: Rank 0 writes the run's folder at the same step: the others wait so long for it, once.
_WAIT_SECONDS = 5.0


def begin_run(root: nn.Module) -> Run:
    """The run of this process, at the first step of its first model.

    Raises:
        OSError: The disk refuses, or another rank's folder can't be seen from here.
    """
    rank, size = rank_and_size()
    runs = read_environment().runs
    script = script_path()
    title = f"{os.path.splitext(os.path.basename(script))[0]}-" if script else ""
    if rank == 0:
        return Run(runs, title + label_of(root), rank, size)
    folder = told_folder(runs)
    waited = time.monotonic()
    # Rank 0 writes the folder at the same step: a short wait, once, and then without.
    while folder is None and time.monotonic() - waited < _WAIT_SECONDS:
        time.sleep(0.02)
        folder = told_folder(runs)
    if folder is None:
        raise OSError("rank 0 has no run folder that this rank can see")
    return Run(runs, "", rank, size, folder)


def run_fields(root: nn.Module, optimizer: Any) -> dict[str, Any]:
    """Fields of the run record.

    Args:
        root: The first model.
        optimizer: What trains it; None where that is unknown.
    """
    settings: dict[str, Any] = {"torch": torch.__version__, "python": sys.version.split()[0]}
    if optimizer is not None:
        group = optimizer.param_groups[0]
        decay = group.get("weight_decay")
        settings["optimizer"] = type(optimizer).__name__
        settings["learningRate"] = learning_rate_of(optimizer)
        settings["weightDecay"] = decay if isinstance(decay, float) else None
    if _ddp(root) is not None:
        settings["broadcastBuffers"] = broadcasts(root)
    return {
        "model": class_name(unwrapped(root)) if label_of(root) == "Sequential" else label_of(root),
        "framework": "pytorch",
        "parameters": sum(parameter.numel() for parameter in root.parameters()),
        "settings": settings,
    }


def broadcasts(root: nn.Module) -> bool:
    """Whether each forward pass begins with rank 0's buffers."""
    ddp = _ddp(root)
    if ddp is None:
        return False
    return bool(getattr(ddp, "broadcast_buffers", False)) and bool(getattr(ddp, "forward_sync_buffers", True))


def _ddp(root: nn.Module) -> nn.Module | None:
    module: nn.Module | None = root
    while module is not None:
        if type(module).__name__ == "DistributedDataParallel":
            return module
        inner = unwrapped(module)
        module = inner if inner is not module and type(module).__name__ == "OptimizedModule" else None
    return None
