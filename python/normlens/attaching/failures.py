"""What a person sees when something of ours fails: one line, never an exception."""

from __future__ import annotations

import os
import sys

from .variables import DEBUG


def report_failure(what: str, error: BaseException) -> None:
    """Writes one line on stderr; NORMLENS_DEBUG=1 adds the traceback."""
    if sys.stderr is None:
        return
    try:
        message = " ".join(str(error).split())
        sys.stderr.write(f"normlens: {what}: {type(error).__name__}: {message}\n")
        if os.environ.get(DEBUG) == "1":
            import traceback

            traceback.print_exception(type(error), error, error.__traceback__)
    except (OSError, ValueError):
        # stderr is closed: there is nobody to say it to.
        return
