"""One copy of the package in a process."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from attaching.workplace import Workplace


def test_normlens_is_importable_though_nothing_is_installed(place: Workplace) -> None:
    program = """
import sys
import normlens
import normlens.attaching.environment as one
from normlens.attaching import environment as two
import _normlens.attaching.environment as three
print(normlens is sys.modules["_normlens"], one is two is three, normlens.watch.__module__)
print(normlens.__spec__.name, one.__spec__.name, one.__package__)
import normlens.attaching.callbacks
"""
    ended = place.run("-W", "error", "-c", program)
    assert ended.errors == ""
    assert ended.out == (
        "True True _normlens.attaching.call\n_normlens _normlens.attaching.environment _normlens.attaching\n"
    )


def test_an_installed_copy_gives_way_to_the_attached_one(place: Workplace, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    shutil.copytree(place.ours, installed)
    program = """
import torch, normlens, sys
from normlens.attaching import arming
print(normlens is sys.modules["_normlens"], arming is sys.modules["_normlens.attaching.arming"])
print([name for name in sys.modules if name.startswith("normlens.") and sys.modules[name].__name__ == name])
arming.arm_imported()
"""
    path = os.pathsep.join([str(place.bootstrap), str(installed)])
    ended = place.run("-W", "error", "-c", program, PYTHONPATH=path)
    assert ended.errors == ""
    assert ended.out == "torch is imported\narmed torch by _normlens\nTrue True\n[]\n"


def test_an_unattached_process_uses_the_installed_one(place: Workplace) -> None:
    program = "import sys, normlens, normlens.attaching.arming; print(normlens.__name__, '_normlens' in sys.modules)"
    assert place.run("-c", program, PYTHONPATH=str(place.ours)).out == "normlens False\n"


def test_a_module_that_is_missing_is_called_by_its_public_name(place: Workplace) -> None:
    ended = place.run("-c", "import normlens.nothing")
    assert ended.errors.endswith("ModuleNotFoundError: No module named 'normlens.nothing'\n")
    ended = place.run("-c", "import normlens; normlens.nothing")
    assert "has no attribute 'nothing'" in ended.errors


def test_a_module_that_fails_says_why(place: Workplace) -> None:
    (place.ours / "normlens" / "broken.py").write_text("import nowhere\n")
    assert "No module named 'nowhere'" in place.run("-c", "import normlens.broken").errors


def test_the_command_line_runs_inside_an_attached_process(place: Workplace) -> None:
    ended = place.run("-m", "normlens", "--version")
    assert (ended.code, ended.errors) == (0, "")
    path = os.pathsep.join([str(place.bootstrap), str(place.ours)])
    assert place.run("-m", "normlens", "--version", PYTHONPATH=path).out == ended.out
