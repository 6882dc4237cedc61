"""Starts the recorder of a framework, once in a process.

Loaded when a framework is about to be imported.
"""

from __future__ import annotations

import sys

from .aliasing import PUBLIC_NAME, SubmoduleFinder, alias
from .importing import ImportHook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Union

    Finder = Union[ImportHook, SubmoduleFinder]

PACKAGE_NAME = __name__.partition(".")[0]

#: Modules to wait for, and what the modules of each are called in `recording` and `finding`.
RECORDERS = {"torch": "pytorch", "keras": "keras"}

#: Marks a framework's module as armed, by whichever copy of this package came first.
ARMED = "__normlens_armed_by__"


def attach() -> list[Finder]:
    """Arms each framework as soon as it is imported, and those that are imported already.

    Returns:
        The finders that now stand in front on `sys.meta_path`, in their order.
    """
    hook = ImportHook(RECORDERS, arm)
    in_front: list[Finder] = [hook]
    if PACKAGE_NAME != PUBLIC_NAME:
        in_front.append(alias(sys.modules[PACKAGE_NAME]))
    sys.meta_path[:0] = in_front
    arm_imported()
    return in_front


def remember() -> None:
    """Remembers from now on where BN layers are constructed, for a `normlens.watch` that comes later.

    Nothing is recorded before that call.
    """
    sys.meta_path.insert(0, ImportHook(RECORDERS, remember_layers))
    for name in RECORDERS:
        if sys.modules.get(name) is not None:
            remember_layers(name)


def remember_layers(name: str) -> None:
    """Remembers those of one framework, which is imported; what fails is one line on stderr."""
    try:
        finder = f"{PACKAGE_NAME}.finding.{RECORDERS[name]}"
        __import__(finder)
        sys.modules[finder].remember_layers()
    except Exception as error:
        from .failures import report_failure

        report_failure(f"layers of {name} will have no source line", error)


def arm_imported() -> None:
    """Arms what is imported already: for a script that calls `normlens.watch` without being attached."""
    for name in RECORDERS:
        arm(name)


def arm(name: str) -> None:
    """Arms one framework if it is imported and not armed; what fails is one line on stderr."""
    framework = sys.modules.get(name)
    if framework is None or not claim(framework):
        return
    try:
        # As `import_module` does, without loading importlib in processes that need nothing of it.
        recorder = f"{PACKAGE_NAME}.recording.{RECORDERS[name]}"
        __import__(recorder)
        sys.modules[recorder].arm()
    except Exception as error:
        from .failures import report_failure

        report_failure(f"this process can't record {name}", error)


def claim(framework: ModuleType) -> bool:
    """Whether this call is the first one to arm this module."""
    attributes = vars(framework)
    if ARMED in attributes:
        return False
    attributes[ARMED] = PACKAGE_NAME
    return True
