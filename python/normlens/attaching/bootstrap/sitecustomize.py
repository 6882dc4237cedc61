"""Runs at the start of every Python process that has this folder on its PYTHONPATH.

With NORMLENS_RECORD=1 the process is recorded as soon as it imports torch or keras. Then the sitecustomize that this
one shadows runs.

Any Python that a recorded command starts reads this file, so its syntax is that of all versions.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(os.path.dirname(HERE))
# Whoever starts a script beside a normlens.py of their own imports that one. So ours has another name.
PRIVATE_NAME = "_normlens"


class Starter(object):
    """Loads our package when a framework is imported for the first time, and not before.

    Most of the processes that a command starts never do that, and start as fast as they would without us.
    """

    is_normlens = True
    started = False

    def find_spec(self, name, path=None, target=None):
        """The finder's part of Python's import."""
        if name == PRIVATE_NAME:
            return package_spec()
        if self.started or not name.startswith(("torch", "keras", "normlens")):
            return None
        self.started = True
        return self.start(name, path, target)

    def start(self, name, path, target):
        """Puts the package's finders on sys.meta_path. The search that is under way does not see those in front."""
        try:
            from _normlens.attaching.arming import attach

            in_front = attach()
        except Exception as error:
            complain(error)
            return None
        for finder in in_front:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
        return None


def package_spec():
    """Our package by its path, under the private name."""
    from importlib.machinery import ModuleSpec, SourceFileLoader

    origin = os.path.join(PACKAGE, "__init__.py")
    spec = ModuleSpec(PRIVATE_NAME, SourceFileLoader(PRIVATE_NAME, origin), origin=origin, is_package=True)
    spec.submodule_search_locations = [PACKAGE]
    spec.has_location = True
    return spec


def complain(error):
    """Says in one line why this process is not recorded."""
    if sys.stderr is not None:
        sys.stderr.write("normlens: this process is not recorded: %s: %s\n" % (type(error).__name__, error))


class ShadowedFinder(object):
    """Finds the sitecustomize of the other folders, once: what it runs may look for a sitecustomize itself."""

    def __init__(self, spec):
        self.spec = spec

    def find_spec(self, name, path=None, target=None):
        """The finder's part of Python's import."""
        if name != "sitecustomize":
            return None
        spec, self.spec = self.spec, None
        return spec


def same_folder(one, other):
    """Whether two paths are spelled for the same folder."""
    return os.path.normcase(os.path.abspath(one)) == os.path.normcase(os.path.abspath(other))


def is_bootstrap(folder):
    """Whether a folder is this one, or the one of another copy of NormLens."""
    return os.path.normpath(folder).split(os.sep)[-3:] == ["normlens", "attaching", "bootstrap"]


def own_place():
    """Where this folder is on sys.path; -1 where it is not."""
    places = [index for index, entry in enumerate(sys.path) if entry and same_folder(entry, HERE)]
    return places[0] if places else -1


def drop_empty_entry():
    """Takes back the entry that `PYTHONPATH=ours:` makes out of nothing: the working directory.

    A launcher that writes its folder in front of an unset PYTHONPATH leaves a separator at the end.
    """
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    launchers, last = entries[:-1], entries[-1]
    if last or not launchers or not all(is_bootstrap(entry) for entry in launchers):
        return
    behind = [index for index, entry in enumerate(sys.path) if is_bootstrap(entry)][-1] + 1
    if sys.path[behind : behind + 1] in ([""], [os.getcwd()]):
        del sys.path[behind]


def attach_process():
    """Waits for the frameworks. Another copy of NormLens may do that already."""
    if os.environ.get("NORMLENS_RECORD") != "1" or sys.version_info < (3, 9):
        return
    if any(getattr(finder, "is_normlens", False) for finder in sys.meta_path):
        return
    starter = Starter()
    sys.meta_path.insert(0, starter)
    # A .pth file of the environment runs before, and may import what it likes.
    if "torch" in sys.modules or "keras" in sys.modules:
        starter.find_spec("normlens")


def run_shadowed():
    """Runs the sitecustomize that the interpreter would have run without this one; its errors are its own."""
    if sys.version_info < (3, 9):
        return
    try:
        # As importlib.machinery has it, without loading importlib: every process comes here.
        from _frozen_importlib_external import PathFinder
    except ImportError:
        from importlib.machinery import PathFinder

    spec = PathFinder.find_spec("sitecustomize", sys.path[own_place() + 1 :])
    if spec is None or (spec.origin and same_folder(os.path.dirname(spec.origin), HERE)):
        return
    finder = ShadowedFinder(spec)
    sys.modules.pop("sitecustomize", None)
    sys.meta_path.insert(0, finder)
    try:
        import sitecustomize  # noqa: F401
    finally:
        sys.meta_path.remove(finder)


try:
    drop_empty_entry()
    attach_process()
except Exception as error:
    complain(error)
run_shadowed()
