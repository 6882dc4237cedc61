"""The sitecustomize that attaches a process."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from attaching.workplace import Workplace

ARMED = "torch is imported\narmed torch by _normlens\n"


def test_arms_when_torch_is_imported(place: Workplace) -> None:
    ended = place.run("-c", "import torch; import torch; print('end')")
    assert (ended.code, ended.out, ended.errors) == (0, ARMED + "end\n", "")


def test_does_nothing_without_the_variable(place: Workplace) -> None:
    program = "import torch, sys; print([name for name in sys.modules if 'normlens' in name])"
    for value in (None, "", "0", "yes"):
        assert place.run("-c", program, NORMLENS_RECORD=value).out == "torch is imported\n[]\n"


def test_costs_a_process_without_a_framework_no_import(place: Workplace) -> None:
    program = "import sys; print(*sorted(sys.modules))"
    usual = set(place.run("-c", program, PYTHONPATH=None).out.split())
    attached = set(place.run("-c", program).out.split())
    assert attached - usual <= {"sitecustomize"}


def test_looking_for_a_framework_loads_little(place: Workplace) -> None:
    look = "import importlib.util, sys; importlib.util.find_spec('torch'); print(*sorted(sys.modules))"
    usual = set(place.run("-c", look, PYTHONPATH=None).out.split())
    attached = set(place.run("-c", look).out.split())
    assert attached - usual <= {
        "__future__",
        "_normlens",
        "_normlens.attaching",
        "_normlens.attaching.aliasing",
        "_normlens.attaching.arming",
        "_normlens.attaching.importing",
        "importlib.machinery",
        "sitecustomize",
    }


def test_a_persons_modules_of_our_names_stay_theirs(place: Workplace) -> None:
    for name in ("normlens", "recording", "attaching", "importing", "environment"):
        place.write(f"{name}.py", "mine = True\n")
    place.write(
        "train.py", "import torch, normlens, recording, attaching, importing, environment\nprint(normlens.mine)\n"
    )
    ended = place.run("train.py")
    assert (ended.code, ended.out, ended.errors) == (0, ARMED + "True\n", "")


def test_a_fault_of_the_recorder_is_one_line(place: Workplace) -> None:
    ended = place.run("-c", "import torch; print('end')", STAND_IN_FAILS="1")
    assert (ended.code, ended.out) == (0, ARMED + "end\n")
    assert ended.errors == "normlens: this process can't record torch: ValueError: the recorder has a fault\n"


def test_a_fault_has_its_traceback_when_it_is_asked_for(place: Workplace) -> None:
    ended = place.run("-c", "import torch", STAND_IN_FAILS="1", NORMLENS_DEBUG="1")
    assert "Traceback" in ended.errors
    assert "pytorch.py" in ended.errors


def test_a_fault_with_stderr_closed_stays_silent(place: Workplace) -> None:
    program = "import sys; sys.stderr = None; import torch; print('end')"
    assert place.run("-c", program, STAND_IN_FAILS="1").out == ARMED + "end\n"


def test_a_broken_package_is_one_line(place: Workplace) -> None:
    (place.ours / "normlens" / "attaching" / "arming.py").write_text("1 / 0\n")
    ended = place.run("-c", "import torch")
    assert (ended.code, ended.out) == (0, "torch is imported\n")
    assert ended.errors == "normlens: this process is not recorded: ZeroDivisionError: division by zero\n"


@pytest.mark.parametrize("behind", ["", os.pathsep], ids=["alone", "separator"])
def test_an_unset_path_leaves_no_entry_for_the_working_folder(place: Workplace, behind: str) -> None:
    place.write("scripts/train.py", "import sys; print(*sys.path, sep='\\n')\n")
    entries = place.run("scripts/train.py", PYTHONPATH=f"{place.bootstrap}{behind}").out.splitlines()
    assert str(place.bootstrap) in entries
    assert str(place.work) not in entries


def test_two_launchers_leave_no_entry_either(place: Workplace, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(place.ours, other)
    place.write("scripts/train.py", "import sys; print(*sys.path, sep='\\n'); sys.path.append('.'); import torch\n")
    path = os.pathsep.join([str(other / "normlens" / "attaching" / "bootstrap"), str(place.bootstrap), ""])
    ended = place.run("scripts/train.py", PYTHONPATH=path)
    entries = ended.out.splitlines()
    assert str(place.work) not in entries
    assert entries.count("armed torch by _normlens") == 1


@pytest.mark.parametrize("behind", ["::", ":work"], ids=["empty", "named"])
def test_a_persons_own_entries_stay(place: Workplace, behind: str) -> None:
    place.write("scripts/train.py", "import sys; print(*sys.path, sep='\\n')\n")
    path = f"{place.bootstrap}{behind}".replace(":", os.pathsep).replace("work", str(place.work))
    assert str(place.work) in place.run("scripts/train.py", PYTHONPATH=path).out.splitlines()


SHADOWED = """
import sys
print("theirs:", __name__, __file__ == __spec__.origin, sys.modules[__name__].__file__ == __file__)
sys.path.append("added")
MINE = 1
"""


def test_the_shadowed_sitecustomize_runs(place: Workplace) -> None:
    place.write("site/sitecustomize.py", SHADOWED)
    path = os.pathsep.join([str(place.bootstrap), str(place.work / "site")])
    program = "import sys, sitecustomize; print(sitecustomize.MINE, sys.path.count('added')); import torch"
    ended = place.run("-c", program, PYTHONPATH=path)
    assert (ended.out, ended.errors) == ("theirs: sitecustomize True True\n1 1\n" + ARMED, "")
    assert place.run("-c", program, PYTHONPATH=path, NORMLENS_RECORD=None).out.startswith("theirs: sitecustomize")


def test_an_error_of_the_shadowed_one_is_told_as_ever(place: Workplace) -> None:
    site = place.write("site/sitecustomize.py", "raise ValueError('theirs')\n").parent
    alone = place.run("-c", "print('end')", PYTHONPATH=str(site))
    both = place.run("-c", "print('end')", PYTHONPATH=os.pathsep.join([str(place.bootstrap), str(site)]))
    assert "ValueError: theirs" in alone.errors
    assert both == alone


def test_a_chain_of_others_ends(place: Workplace) -> None:
    chaining = """
import os, sys
print("chains")
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if entry != here]
sys.modules.pop("sitecustomize", None)
import sitecustomize
"""
    first = place.write("first/sitecustomize.py", chaining).parent
    last = place.write("last/sitecustomize.py", SHADOWED).parent
    for order in ([place.bootstrap, first, last], [first, place.bootstrap, last]):
        ended = place.run("-c", "import torch", PYTHONPATH=os.pathsep.join(map(str, order)))
        assert ended.errors == ""
        assert ended.out.count("chains") == 1
        assert ended.out.count("armed torch") == 1
        assert ended.out.count("theirs: sitecustomize") >= 1


@pytest.mark.parametrize("option", ["-I", "-E", "-S"])
def test_these_options_keep_python_from_attaching(place: Workplace, option: str) -> None:
    program = f"import sys; sys.path.insert(0, {str(place.work)!r}); import torch"
    assert place.run(option, "-c", program).out == "torch is imported\n"


def test_safe_path_does_not(place: Workplace) -> None:
    program = f"import sys; sys.path.insert(0, {str(place.work)!r}); import torch"
    if place.run("-P", "-c", "pass").code == 0:
        assert place.run("-P", "-c", program).out == ARMED


START = """
import multiprocessing

def work():
    import torch

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    process = context.Process(target=work)
    process.start()
    process.join()
    print("child ended with", process.exitcode)
"""


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_children_are_attached(place: Workplace, method: str) -> None:
    if os.name == "nt" and method != "spawn":
        pytest.skip("Windows has no fork")
    place.write("train.py", START.format(method=method))
    ended = place.run("train.py")
    assert (ended.out, ended.errors) == (ARMED + "child ended with 0\n", "")


def test_an_old_python_is_left_alone(place: Workplace) -> None:
    """Its syntax is that of all versions: only what they share is in the file that they all read."""
    text = (place.bootstrap / "sitecustomize.py").read_text()
    for modern in ("annotations", '= f"', "(f'", '(f"', ":=", " -> ", "print(", "nonlocal", "yield from"):
        assert modern not in text
