"""What ends a recording: the process that is recorded."""

from __future__ import annotations

import atexit
import sys
from typing import Any, Protocol


class Ending(Protocol):
    """A recorder, as the end of its process sees it."""

    def failed(self, kind: type[BaseException]) -> None:
        """An exception nobody caught ends the script."""

    def finish(self) -> None:
        """The process ends."""


def end_with_process(recorder: Ending) -> None:
    """Tells the recorder when its process ends, and of the exception that ends it."""
    atexit.register(recorder.finish)
    previous = sys.excepthook

    def excepthook(kind: Any, value: Any, trace: Any) -> None:
        recorder.failed(kind)
        previous(kind, value, trace)

    sys.excepthook = excepthook
