"""What ends a recording: the process that is recorded."""

from __future__ import annotations

import atexit
import functools
import sys
from collections.abc import Callable
from typing import Any, Protocol


class Ending(Protocol):
    """A recorder, as the end of its process sees it."""

    def failed(self, kind: type[BaseException]) -> None:
        """An exception nobody caught ends the script."""

    def finish(self) -> None:
        """The process ends."""


def is_started_by_multiprocessing() -> bool:
    """Whether this process is a child of `multiprocessing`: such as a trainer's."""
    process: Any = sys.modules.get("multiprocessing.process")
    return process is not None and process.parent_process() is not None


def finish_with_child(finish: Callable[[], None]) -> None:
    """Calls it when a child of `multiprocessing` ends."""
    from multiprocessing import util

    util.Finalize(None, finish, exitpriority=1)


def end_with_process(recorder: Ending) -> None:
    """Tells the recorder when its process ends, and of the exception that ends it."""
    # Once, though a child that was spawned comes here twice. One that was forked leaves without `atexit`.
    finish = functools.cache(recorder.finish)
    atexit.register(finish)
    if is_started_by_multiprocessing():
        finish_with_child(finish)
    previous = sys.excepthook

    def excepthook(kind: Any, value: Any, trace: Any) -> None:
        recorder.failed(kind)
        previous(kind, value, trace)

    sys.excepthook = excepthook


def ending(failure: str | None) -> tuple[str, str | None]:
    """Status and reason. The words of an exception may contain a person's data: only its name is kept.

    Args:
        failure: The name of the exception that nobody caught; None where there was none.
    """
    if failure is None:
        return "completed", None
    if failure == "KeyboardInterrupt":
        return "stopped", "The script was interrupted from the keyboard."
    return "failed", f"The script ended with {failure}."
