"""Options of Python with which it does not start the recorder."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PYTHON = re.compile(r"(python|pypy)[\d.]*t?w?(\.exe)?|py(\.exe)?", re.IGNORECASE)

#: Each keeps Python from reading PYTHONPATH, or from importing sitecustomize.
_BLOCKING = "IES"


def blocking_option(command: Sequence[str]) -> str | None:
    """The option, such as `-I`, with which a command can't be recorded."""
    if not _PYTHON.fullmatch(re.split(r"[\\/]", command[0])[-1]):
        return None
    arguments = iter(command[1:])
    for argument in arguments:
        if argument == "--check-hash-based-pycs":
            next(arguments, None)
        elif not argument.startswith("-") or argument == "-":
            return None
        elif not argument.startswith("--"):
            for place, letter in enumerate(argument[1:], 2):
                if letter in _BLOCKING:
                    return f"-{letter}"
                if letter in "cm":
                    return None
                if letter in "WX":
                    if place == len(argument):
                        next(arguments, None)
                    break
    return None
