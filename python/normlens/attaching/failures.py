"""What a person sees when something of ours fails: one line, never an exception."""

from __future__ import annotations

import os
import sys

from ..finding.notebook import is_kernel
from .variables import DEBUG


def say(sentence: str, asked: bool = False) -> None:
    """Writes one line on stderr.

    Args:
        sentence: What to say.
        asked: Whether the script called us, so that this is the answer. A notebook shows nothing else: what is said in
            passing would stand below whichever cell is running, and goes to the log of its server.
    """
    line = f"normlens: {sentence}\n"
    try:
        if not asked and is_kernel():
            # The number of the stream that the kernel had before it sent everything to the notebook.
            os.write(sys.stderr.fileno(), line.encode())
        elif sys.stderr is not None:
            sys.stderr.write(line)
    except (OSError, ValueError, AttributeError):
        # stderr is closed, or has no number: there is nobody to say it to.
        return


def report_failure(what: str, error: BaseException, asked: bool = False) -> None:
    """Says what failed and why; NORMLENS_DEBUG=1 adds the traceback."""
    message = " ".join(str(error).split())
    say(f"{what}: {type(error).__name__}: {message}", asked)
    if os.environ.get(DEBUG) == "1" and sys.stderr is not None:
        import traceback

        traceback.print_exception(type(error), error, error.__traceback__)
