"""Keeps what fails in here away from a person's training."""

from __future__ import annotations

import traceback
from typing import Any

from ..attaching.environment import read_environment
from ..attaching.failures import say


class Guard:
    """Entered around everything of ours. The first failure is one line on stderr, and the last thing that happens."""

    def __init__(self) -> None:
        self.alive = True
        self._inside = 0

    def __enter__(self) -> Guard:
        self._inside += 1
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        self._inside -= 1
        if kind is None:
            return False
        # An interrupt from the keyboard is a person's, not ours.
        if not issubclass(kind, Exception):
            return False
        self.alive = False
        self.say(f"stopped recording: {_words(error)}")
        if read_environment().debug:
            traceback.print_exception(kind, error, trace)
        return True

    def say(self, sentence: str, asked: bool = False) -> None:
        """One line, where stderr can take it; `asked` where a call in the script is answered."""
        say(sentence, asked)


def _words(error: BaseException) -> str:
    text = str(error)
    return text if type(error).__name__ == "StoppedByPerson" else f"{type(error).__name__}: {text}"
