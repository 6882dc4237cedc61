"""Which process of a distributed training this is, and where its run is. No process talks to another for it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import time
from pathlib import Path
from typing import Any


def rank_and_size() -> tuple[int, int]:
    """This process's rank and how many there are; ``(0, 1)`` where training is not distributed."""
    torch: Any = sys.modules.get("torch")
    distributed = getattr(torch, "distributed", None)
    try:
        if distributed is not None and distributed.is_available() and distributed.is_initialized():
            return int(distributed.get_rank()), int(distributed.get_world_size())
    except Exception:
        pass
    return 0, 1


def launch_key() -> str:
    """What all processes of one launch share, and no other launch."""
    names = ("NORMLENS_LAUNCH", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT", "MASTER_ADDR", "MASTER_PORT")
    parts = [os.environ.get(name, "") for name in names]
    if not parts[0] and int(os.environ.get("GROUP_WORLD_SIZE", "1")) == 1:
        # Processes of one node have one parent; those of several nodes do not.
        parts.append(str(os.getppid()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def tell_folder(runs: Path, folder: Path) -> None:
    """Rank 0 says where the run is."""
    pointer = _pointer(runs)
    partial = pointer.with_suffix(".partial")
    partial.write_text(folder.name)
    os.replace(partial, pointer)


def told_folder(runs: Path) -> Path | None:
    """Where rank 0 says the run is; None until it has said so."""
    pointer = _pointer(runs)
    try:
        # One of an earlier launch was written before this process began.
        if pointer.stat().st_mtime < _process_began() - 1:
            return None
        folder = runs / pointer.read_text().strip()
    except OSError:
        return None
    return folder if folder.parent == runs and (folder / "run.jsonl").exists() else None


def forget_folder(runs: Path) -> None:
    """The run has ended: nobody looks any more."""
    with contextlib.suppress(OSError):
        _pointer(runs).unlink()


def _pointer(runs: Path) -> Path:
    return runs / f".launch-{launch_key()}"


_STARTED = time.time()


def _process_began() -> float:
    """When this module was loaded, which is before the processes of a launch meet."""
    return _STARTED
