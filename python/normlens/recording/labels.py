"""What the models of a run are called, each in its own way."""

from __future__ import annotations

from collections.abc import Callable, Collection


def free_label(label: str, taken: Collection[str], name_in_script: Callable[[], str | None]) -> str:
    """The label, or the script's own name for the model, or the label with a number: the first that is not taken."""
    if label not in taken:
        return label
    own = name_in_script()
    if own is not None and own not in taken:
        return own
    count = 2
    while f"{label} {count}" in taken:
        count += 1
    return f"{label} {count}"
