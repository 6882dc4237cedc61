"""One copy of this package in a process, whatever name it is imported by.

A launcher loads it as `_normlens`. A script that says `import normlens` gets the same objects, whether or not the
package is installed.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec

PUBLIC_NAME = "normlens"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader
    from types import CodeType, ModuleType
else:
    # importlib.abc takes longer to import than everything else here.
    Loader = object


class AliasLoader(Loader):
    """Gives a module that is imported by another name."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module itself."""
        try:
            __import__(self._target)
        except ModuleNotFoundError as error:
            if error.name != self._target:
                raise
            raise ModuleNotFoundError(f"No module named {spec.name!r}", name=spec.name) from None
        module = sys.modules[self._target]
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to execute. Python's import has written the alias's spec into the module."""
        module.__spec__ = self._spec

    def get_code(self, name: str) -> CodeType | None:
        """For `python -m`."""
        from importlib.util import find_spec

        spec = find_spec(self._target)
        get_code = getattr(spec.loader if spec else None, "get_code", None)
        code: CodeType | None = get_code(self._target) if get_code else None
        return code


class SubmoduleFinder:
    """Stands first: Python's own would load a second copy of `normlens.x` from the folder of the package."""

    def __init__(self, package: ModuleType) -> None:
        self._package = package

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The alias of a submodule, where `normlens` is our package."""
        if not name.startswith(PUBLIC_NAME + ".") or sys.modules.get(PUBLIC_NAME) is not self._package:
            return None
        return ModuleSpec(name, AliasLoader(self._package.__name__ + name[len(PUBLIC_NAME) :]))


class PackageFinder:
    """Stands last: a `normlens` that is installed, or a person's own module of this name, comes first."""

    def __init__(self, package: ModuleType) -> None:
        self._package = package

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The alias of the package."""
        if name != PUBLIC_NAME:
            return None
        spec = ModuleSpec(name, AliasLoader(self._package.__name__), is_package=True)
        spec.submodule_search_locations = list(self._package.__path__)
        return spec


def alias(package: ModuleType) -> SubmoduleFinder:
    """Makes `import normlens` mean this package, where nothing else has that name.

    Returns:
        What is still to be put in front on `sys.meta_path`.
    """
    sys.meta_path.append(PackageFinder(package))
    return SubmoduleFinder(package)
