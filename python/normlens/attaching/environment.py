"""What a process is asked to record, as its environment says; and how a launcher asks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import variables

BOOTSTRAP = Path(__file__).resolve().parent / "bootstrap"
DEFAULT_RUNS = Path(".normlens", "runs")


@dataclass(frozen=True)
class Environment:
    """The variables of `variables.py`, read."""

    records: bool
    runs: Path
    run_name: str | None
    launch: str | None
    every: int | None
    debug: bool


def read_environment(given: Mapping[str, str] | None = None, directory: Path | None = None) -> Environment:
    """What the environment asks for.

    Args:
        given: The environment; that of this process by default.
        directory: What a relative runs folder is relative to; the working directory by default.
    """
    known = os.environ if given is None else given
    start = Path.cwd() if directory is None else directory
    return Environment(
        records=known.get(variables.RECORD) == "1",
        runs=start / (known.get(variables.RUNS) or DEFAULT_RUNS),
        run_name=known.get(variables.RUN_NAME) or None,
        launch=known.get(variables.LAUNCH) or None,
        every=_count(known.get(variables.EVERY)),
        debug=known.get(variables.DEBUG) == "1",
    )


def environment_for(
    base: Mapping[str, str],
    *,
    launch: str,
    runs: Path | None = None,
    name: str | None = None,
    bootstrap: str = str(BOOTSTRAP),
    directory: Path | None = None,
    separator: str = os.pathsep,
) -> dict[str, str]:
    """The environment of a command that is to be recorded.

    Args:
        base: The environment to add to.
        launch: An id that no other launch has.
        runs: The folder of runs. By default that of `base`, else `.normlens/runs`.
        name: The name of the run.
        bootstrap: The folder that goes first on PYTHONPATH.
        directory: What a relative folder is relative to; the working directory by default.
        separator: Between the entries of PYTHONPATH.
    """
    start = Path.cwd() if directory is None else directory
    # Scripts change their working directory, and so does Hydra: the folder is settled before they start.
    folder = start / (runs or base.get(variables.RUNS) or DEFAULT_RUNS)
    added = {variables.RECORD: "1", variables.RUNS: str(folder), variables.LAUNCH: launch}
    if name is not None:
        added[variables.RUN_NAME] = name
    added[variables.PYTHONPATH] = prepended(bootstrap, base.get(variables.PYTHONPATH, ""), separator)
    return {**base, **added}


def prepended(folder: str, path: str, separator: str = os.pathsep) -> str:
    """A search path with a folder in front, once. Nothing behind it leaves no separator: that would be an entry."""
    if not path:
        return folder
    return path if path.split(separator)[0] == folder else f"{folder}{separator}{path}"


def _count(text: str | None) -> int | None:
    """A whole number of at least 1; None for anything else."""
    return int(text) if text and text.isdecimal() and int(text) > 0 else None
