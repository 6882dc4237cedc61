"""Where a run's folder is and what it is called."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path


def make_run_folder(runs: Path, title: str, started: datetime | None = None) -> Path:
    """Makes the folder of a new run.

    Args:
        runs: The folder of all runs; made if it is not there.
        title: What the run is about: only letters, digits, ``_`` and ``-`` of it reach the disk.
        started: When it began; now if None.

    Raises:
        OSError: The disk refuses.
    """
    runs.mkdir(parents=True, exist_ok=True)
    _ignore_in_git(runs)
    moment = (started or datetime.now(timezone.utc)).strftime("%Y-%m-%d-%H%M%S")
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", title)[:40].strip("-") or "run"
    for attempt in range(1, 10_000):
        folder = runs / (f"{moment}-{stem}" if attempt == 1 else f"{moment}-{stem}-{attempt}")
        try:
            # Two processes that start in the same second never get one folder: making it succeeds once.
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise OSError(f"no free name for a run in {runs}")


def _ignore_in_git(runs: Path) -> None:
    """Runs inside a repository should not end up in its commits."""
    ignore = runs.parent / ".gitignore"
    if runs.parent.name == ".normlens" and not ignore.exists():
        ignore.write_text("*\n")


def numbers_path(folder: Path, rank: int) -> Path:
    """The binary file of a rank."""
    return folder / ("numbers.bin" if rank == 0 else f"numbers-rank{rank}.bin")
