"""What the kernel of a notebook knows: its cells, and the notebook's file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any


def shell() -> Any:
    """IPython's shell; None in a process that has none."""
    asked = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return asked() if callable(asked) else None


def is_kernel() -> bool:
    """Whether this process is the kernel of a notebook, and not IPython in a terminal."""
    return getattr(shell(), "kernel", None) is not None


def cell_of(path: str) -> int | None:
    """The number that a notebook shows beside the cell with this code.

    Args:
        path: The file name that Python gives the cell's code.

    Returns:
        None for code that is in a file.
    """
    if "ipykernel_" not in path and "ipython-input" not in path:
        return None
    # Not `execution_count`: a class may be defined in one cell and used in another.
    number = getattr(getattr(shell(), "compile", None), "_filename_map", {}).get(path)
    return number if isinstance(number, int) else None


def notebook_path() -> str | None:
    """The notebook of this kernel, where its editor says so and the file is there."""
    if not is_kernel():
        return None
    # VS Code's own variable, then Jupyter's. A program that a cell starts inherits the second, and is no notebook.
    told = [shell().user_ns.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME")]
    for path in told:
        if isinstance(path, str) and path.endswith(".ipynb") and os.path.isfile(path):
            return os.path.abspath(path)
    return None


def listen_to_cells(heard: Callable[[], None]) -> None:
    """Calls it after each cell that has run, however it ended."""
    events = getattr(shell(), "events", None)
    if events is None:
        return

    def after_cell(*result: Any) -> None:
        heard()

    events.register("post_run_cell", after_cell)
