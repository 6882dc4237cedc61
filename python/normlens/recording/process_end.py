"""What ends a recording: the process that is recorded."""

from __future__ import annotations

import atexit
import builtins
import contextlib
import functools
import sys
import threading
from collections.abc import Callable
from typing import Any, Protocol


class Outcome:
    """How a script ends, as far as it was seen."""

    def __init__(self) -> None:
        self._failure: str | None = None
        self._exit: tuple[str, int] | None = None

    def failed(self, kind: type[BaseException]) -> None:
        """An exception nobody caught ends the script."""
        self._failure = kind.__name__

    def exits(self, failure: str, step: int) -> None:
        """The script asked to end like this, after so many steps. It may think better of it."""
        self._exit = failure, step

    def ending(self, step: int) -> tuple[str, str | None]:
        """Status and reason. The words of an exception may contain a person's data: only its name is kept.

        Args:
            step: The last one of the run. Where it is another one than that of an exit, the exit was caught.
        """
        failure = self._failure
        if failure is None and self._exit is not None and self._exit[1] == step:
            failure = self._exit[0]
        if failure is None:
            return "completed", None
        if failure == KeyboardInterrupt.__name__:
            return "stopped", "The script was interrupted from the keyboard."
        return "failed", f"The script ended with {failure}."


class Ending(Protocol):
    """A recorder, as the end of its process sees it."""

    outcome: Outcome

    def step(self) -> int:
        """Of its run; 0 where there is none."""

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
        recorder.outcome.failed(kind)
        previous(kind, value, trace)

    sys.excepthook = excepthook
    _follow_exits(recorder)


def _follow_exits(recorder: Ending) -> None:
    """Python tells nobody of a SystemExit that ends it, so whoever asks for one is heard."""
    sys.exit = _heard(recorder, sys.exit, 0)
    # `exit()` and `quit()`, which a session prints as words of advice.
    quitter: Any = type(getattr(builtins, "exit", None))
    if quitter.__module__ == "_sitebuiltins":
        quitter.__call__ = _heard(recorder, quitter.__call__, 1)


def _heard(recorder: Ending, leave: Callable[..., Any], place: int) -> Callable[..., Any]:
    """The same, and the recorder knows. The status is the argument at this place."""

    @functools.wraps(leave)
    def heard(*args: Any, **kwargs: Any) -> Any:
        with contextlib.suppress(Exception):
            # In another thread it ends that thread alone.
            if threading.current_thread() is threading.main_thread():
                status = next(iter([*args[place:], *kwargs.values()]), None)
                interrupted = isinstance(sys.exc_info()[1], KeyboardInterrupt)
                failure = KeyboardInterrupt.__name__ if interrupted else failure_of(status)
                if failure is not None:
                    recorder.outcome.exits(failure, recorder.step())
        return leave(*args, **kwargs)

    return heard


def failure_of(status: Any) -> str | None:
    """What an exit with this status is called; None where it is no failure. Words print on stderr, and mean 1."""
    code = 0 if status is None else int(status) if isinstance(status, int) else 1
    return None if code == 0 else f"exit code {code}"
