"""Waits until a framework is imported.

It imports nothing that the interpreter has not loaded already: a library may merely look whether a framework is there.
"""

from __future__ import annotations

import sys
from _thread import get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


class ImportHook:
    """A finder that calls back after one of the named modules was imported.

    It stays on `sys.meta_path`: many libraries ask `find_spec("torch")` long before they import it.
    """

    def __init__(self, names: Iterable[str], imported: Callable[[str], None]) -> None:
        self._names = frozenset(names)
        self._imported = imported
        self._searching: set[tuple[int, str]] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec that the other finders have, with a loader that calls back. None leaves it to them alone."""
        if name not in self._names:
            return None
        search = (get_ident(), name)
        if search in self._searching:
            # Another hook like this one is asking all finders on behalf of our own search.
            return None
        self._searching.add(search)
        try:
            spec = self._search(name, path, target)
        finally:
            self._searching.discard(search)
        # Without an origin it is a namespace: a folder of data that happens to have this name.
        if spec is not None and spec.loader is not None and spec.origin is not None:
            call_after(spec.loader, name, self._imported)
        return spec

    def _search(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        # Who stands before this finder has been asked already.
        finders = list(sys.meta_path)
        own = next((place for place, finder in enumerate(finders) if finder is self), -1)
        for finder in finders[own + 1 :]:
            find_spec = getattr(finder, "find_spec", None)
            if find_spec is None:
                # A finder of an older protocol, which only Python's own search knows how to ask.
                return None
            spec: ModuleSpec | None = find_spec(name, path, target)
            if spec is not None:
                return spec
        return None


def call_after(loader: Any, name: str, imported: Callable[[str], None]) -> None:
    """Makes `loader` call `imported(name)` when it has loaded that module.

    The loader stays the object it is, so whoever asks it for sources or data files gets them as before.
    """
    lazy = getattr(sys.modules.get("importlib.util"), "LazyLoader", None)
    if lazy is not None and isinstance(loader, lazy):
        # It loads nothing yet. What it defers is the work of the loader inside.
        call_after(loader.loader, name, imported)
        return
    method = "exec_module" if hasattr(loader, "exec_module") else "load_module"
    load = getattr(loader, method, None)
    # A zip archive has one loader for all of its modules, and it may have been asked before.
    if load is None or name in getattr(load, "normlens_names", ()):
        return

    def load_and_call(module: ModuleType | str) -> Any:
        loaded = load(module)
        loaded_name = module if isinstance(module, str) else getattr(module, "__name__", None)
        if loaded_name == name:
            imported(name)
        return loaded

    load_and_call.normlens_names = (name, *getattr(load, "normlens_names", ()))  # type: ignore[attr-defined]
    setattr(loader, method, load_and_call)
