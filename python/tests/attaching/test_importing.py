"""The hook that waits for a framework."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

import pytest
from attaching.workplace import Workplace

from normlens.attaching.importing import ImportHook, call_after

ARMED = "torch is imported\narmed torch by _normlens\n"


def test_find_spec_before_the_import(place: Workplace) -> None:
    program = "from importlib.util import find_spec; print(find_spec('torch').name)\nimport torch"
    assert place.run("-c", program).out == "torch\n" + ARMED


def test_a_framework_that_another_one_imports(place: Workplace) -> None:
    place.write("tensorflow.py", "from importlib.util import find_spec\nassert find_spec('keras')\nimport keras\n")
    place.write("keras.py")
    assert place.run("-c", "import tensorflow, torch").out == "armed keras by _normlens\n" + ARMED


def test_the_loader_stays_what_it_is(place: Workplace) -> None:
    program = """
import importlib.machinery, inspect, pkgutil, torch
print(type(torch.__loader__) is importlib.machinery.SourceFileLoader, torch.__spec__.loader is torch.__loader__)
print(inspect.getsource(torch).strip(), pkgutil.get_data("torch", "__init__.py") is not None)
"""
    assert place.run("-c", program).out == ARMED + "True True\nprint('torch is imported') True\n"


def test_reload(place: Workplace) -> None:
    program = "import importlib, torch; importlib.reload(torch)"
    assert place.run("-c", program).out == ARMED + "torch is imported\n"


def test_an_import_that_fails_at_first(place: Workplace) -> None:
    place.write(
        "torch/__init__.py", "import sys\nif not hasattr(sys, 'tried'):\n    sys.tried = 1\n    raise OSError\n"
    )
    program = "try:\n    import torch\nexcept OSError:\n    import torch"
    assert place.run("-c", program).out == "armed torch by _normlens\n"


def test_a_lazy_loader_stays_lazy(place: Workplace) -> None:
    program = """
import importlib.util, sys
spec = importlib.util.find_spec("torch")
spec.loader = importlib.util.LazyLoader(spec.loader)
torch = sys.modules["torch"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(torch)
print("lazy")
torch.__doc__
"""
    assert place.run("-c", program).out == "lazy\n" + ARMED


def test_a_lazy_finder_stays_lazy(place: Workplace) -> None:
    program = """
import importlib.util, sys
from importlib.machinery import PathFinder

class Lazy:
    def find_spec(self, name, path=None, target=None):
        spec = PathFinder.find_spec(name, path, target)
        if spec and name == "torch":
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec

sys.meta_path.insert(1, Lazy())
import torch
print("lazy")
hasattr(torch, "anything")
"""
    assert place.run("-c", program).out == "lazy\n" + ARMED


def test_a_zip_archive(place: Workplace) -> None:
    program = """
import sys, zipfile
with zipfile.ZipFile("bundle.zip", "w") as bundle:
    bundle.writestr("torch/__init__.py", "from torch import nn; print('torch is imported')")
    bundle.writestr("torch/nn.py", "")
    bundle.writestr("other.py", "")
sys.path.insert(0, "bundle.zip")
import importlib.util
importlib.util.find_spec("torch")
import other, torch
print(torch.__loader__.archive)
"""
    ended = place.run("-c", program)
    assert (ended.out.splitlines()[:2], ended.errors) == (ARMED.splitlines(), "")
    assert ended.out.count("armed") == 1


def test_a_folder_of_data_called_torch(place: Workplace) -> None:
    (place.work / "torch" / "__init__.py").unlink()
    program = "import sys; sys.path[1:] = [entry for entry in sys.path if 'site-packages' not in entry]; import torch"
    ended = place.run("-c", program + "; print(torch.__spec__.origin)")
    assert (ended.code, ended.out, ended.errors) == (0, "None\n", "")


def test_another_hook_that_asks_all_finders(place: Workplace) -> None:
    program = """
import importlib.util, sys

class Other:
    busy = False
    def find_spec(self, name, path=None, target=None):
        if self.busy or name != "torch":
            return None
        self.busy = True
        try:
            return importlib.util.find_spec(name)
        finally:
            self.busy = False

sys.meta_path.insert({place}, Other())
import torch
"""
    for position in ("0", "2", "len(sys.meta_path)"):
        ended = place.run("-c", program.replace("{place}", position))
        assert (ended.out, ended.errors) == (ARMED, "")


def test_many_threads_import_at_once(place: Workplace) -> None:
    program = """
import threading
def work():
    import torch
threads = [threading.Thread(target=work) for _ in range(20)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    ended = place.run("-c", program)
    assert (ended.out, ended.errors) == (ARMED, "")


def test_what_is_imported_before_is_armed_at_once(place: Workplace) -> None:
    place.write("site/sitecustomize.py", "import torch\n")
    program = "import torch, normlens.attaching.arming as arming; arming.arm_imported(); arming.arm('torch')"
    assert place.run("-c", program).out == ARMED
    ours = str(place.ours)
    unattached = place.run("-c", program, PYTHONPATH=ours, NORMLENS_RECORD=None)
    assert unattached.out == "torch is imported\narmed torch by normlens\n"


def test_other_names_are_left_to_others() -> None:
    hook = ImportHook(["torch"], lambda name: None)
    assert hook.find_spec("json") is None
    assert hook.find_spec("torch.nn") is None


class OldFinder:
    """Of the protocol before Python 3.4."""

    def find_module(self, name: str) -> None:
        """Asked by Python up to 3.11 only."""


def test_a_finder_of_the_old_protocol_is_left_to_python(monkeypatch: pytest.MonkeyPatch) -> None:
    hook = ImportHook(["json"], lambda name: None)
    monkeypatch.setattr(sys, "meta_path", [hook, OldFinder(), PathFinder])
    assert hook.find_spec("json") is None
    monkeypatch.setattr(sys, "meta_path", [OldFinder(), hook, PathFinder])
    assert hook.find_spec("json") is not None


def test_a_loader_of_the_old_protocol_calls_back() -> None:
    class OldLoader:
        def load_module(self, name: str) -> ModuleType:
            return ModuleType(name)

    called: list[str] = []
    loader: Any = OldLoader()
    call_after(loader, "torch", called.append)
    call_after(loader, "torch", called.append)
    loader.load_module("torch.nn")
    assert called == []
    loader.load_module("torch")
    assert called == ["torch"]


def test_a_loader_is_wrapped_once() -> None:
    loader = SourceFileLoader("torch", "nowhere.py")
    call_after(loader, "torch", lambda name: None)
    wrapped = loader.exec_module
    call_after(loader, "torch", lambda name: None)
    assert loader.exec_module is wrapped


def test_a_spec_without_a_loader_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Namespaces:
        def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec:
            return ModuleSpec(name, None)

    hook = ImportHook(["torch"], lambda name: None)
    monkeypatch.setattr(sys, "meta_path", [hook, Namespaces()])
    found = hook.find_spec("torch")
    assert found is not None
    assert found.loader is None
