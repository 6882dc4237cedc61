"""`normlens record`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attaching.workplace import Ended, Workplace

from normlens.attaching import command
from normlens.attaching.command import Record, UsageError, main, parse
from normlens.attaching.python_options import blocking_option

SHOW = "import os; print(*(os.environ[name] for name in {names!r}), sep='\\n')"


@pytest.fixture
def here(tmp_path: Path) -> Workplace:
    """Not attached: the command is to do that."""
    place = Workplace(tmp_path, sys.executable)
    place.write("torch/__init__.py", "print('torch is imported')\n")
    return place


def record(place: Workplace, *arguments: str, **added: str | None) -> Ended:
    unattached: dict[str, str | None] = {"NORMLENS_RECORD": None, "PYTHONPATH": str(place.ours)}
    return place.run("-m", "normlens", "record", *arguments, **{**unattached, **added})


def test_records_a_command(here: Workplace) -> None:
    ended = record(here, sys.executable, "-c", "import torch")
    assert (ended.code, ended.out, ended.errors) == (0, "torch is imported\narmed torch by _normlens\n", "")


def test_sets_the_environment(here: Workplace) -> None:
    names = ["NORMLENS_RECORD", "NORMLENS_RUNS", "NORMLENS_RUN_NAME", "PYTHONPATH", "NORMLENS_LAUNCH"]
    options = ["--runs", "out", "--name=first try"]
    shown = record(here, *options, sys.executable, "-c", SHOW.format(names=names)).out.splitlines()
    path = os.pathsep.join([str(here.bootstrap), str(here.ours)])
    assert shown[:4] == ["1", str(here.work / "out"), "first try", path]
    again = record(here, *options, sys.executable, "-c", SHOW.format(names=names)).out.splitlines()
    assert shown[4] != again[4]


def test_passes_options_arguments_and_the_exit_code_on(here: Workplace) -> None:
    program = "import sys; print(sys.argv[1:]); sys.exit(7)"
    for start in ([], ["--"]):
        ended = record(here, *start, sys.executable, "-c", program, "--runs", "x", "--", "-h")
        assert (ended.code, ended.out) == (7, "['--runs', 'x', '--', '-h']\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
def test_is_the_command_itself_for_signals(here: Workplace) -> None:
    program = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    started = subprocess.Popen(
        [sys.executable, "-m", "normlens", "record", sys.executable, "-c", program],
        env=here.environment(PYTHONPATH=str(here.ours)),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    with started.stdout:
        assert int(started.stdout.readline()) == started.pid
        started.send_signal(signal.SIGTERM)
        assert started.wait(timeout=30) == -signal.SIGTERM


def test_a_command_that_is_missing(here: Workplace) -> None:
    for name in ("no-such-command", "./no-such-file", "torch/__init__.py/x"):
        ended = record(here, name)
        assert (ended.code, ended.out) == (127, "")
        assert ended.errors == f"normlens: there is no command {name} here. Check its name and your PATH.\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_a_script_that_is_no_command(here: Workplace) -> None:
    here.write("train.py", "print(1)\n")
    ended = record(here, "./train.py")
    assert ended.code == 126
    assert ended.errors == (
        "normlens: ./train.py can't be started: Permission denied. "
        "Start it with Python: normlens record python ./train.py\n"
    )


def test_says_that_an_option_of_python_keeps_it_out(here: Workplace) -> None:
    ended = record(here, sys.executable, "-I", "-c", "print('ran')")
    assert (ended.code, ended.out) == (0, "ran\n")
    assert ended.errors == (
        "normlens: Python does not start the recorder with -I, so nothing is recorded. Leave out -I.\n"
    )


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("python train.py", None),
        ("python -I train.py", "-I"),
        ("/usr/bin/python3.12 -u -S train.py", "-S"),
        ("python3 -uE train.py", "-E"),
        (r"C:\Python\python.exe -I train.py", "-I"),
        ("py -3 -I train.py", "-I"),
        ("python3.14t -I train.py", "-I"),
        ("python -P train.py", None),
        ("python train.py -I", None),
        ("python -c pass -I", None),
        ("python -cI", None),
        ("python -m trainer -S", None),
        ("python -W error -S train.py", "-S"),
        ("python -Werror -S train.py", "-S"),
        ("python -WIES train.py", None),
        ("python -X dev train.py", None),
        ("python --check-hash-based-pycs always -S train.py", "-S"),
        ("python -", None),
        ("python", None),
        ("torchrun -I train.py", None),
        ("pythonic -I", None),
    ],
)
def test_options_of_python(line: str, option: str | None) -> None:
    assert blocking_option(line.split()) == option


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "a command is missing."),
        ("fly", "unknown command fly."),
        ("--fly", "unknown option --fly."),
        ("record", "COMMAND is missing for record."),
        ("record --", "COMMAND is missing for record."),
        ("record --run x python", "unknown option --run for record."),
        ("record --runs", "--runs needs a value."),
        ("record --runs --name x python", "--runs needs a value."),
    ],
)
def test_wrong_usage(line: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="^" + sentence):
        parse(line.split())
    assert main(line.split()) == 2
    assert capsys.readouterr() == ("", f'normlens: {sentence}\nRun "normlens --help" for all options.\n')


@pytest.mark.parametrize("line", ["--help", "-h", "help", "record --help", "record -h"])
def test_help(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Usage: normlens record [options] <COMMAND...>\n")
    assert max(map(len, shown.splitlines())) <= 110


def test_options_end_at_the_command() -> None:
    line = "record --name a --runs=b python train.py --name c"
    assert parse(line.split()) == Record(command=["python", "train.py", "--name", "c"], runs="b", name="a")


def test_waits_where_a_process_cannot_be_replaced() -> None:
    """What Windows does: Ctrl+C reaches the command by itself, and the launcher waits for its exit code."""
    program = "import sys, time; time.sleep(1); sys.exit(5)"
    assert command._wait_for([sys.executable, "-c", program], dict(os.environ)) == 5
    started = time.monotonic()
    with pytest.raises(FileNotFoundError):
        command._wait_for(["no-such-command"], dict(os.environ))
    assert time.monotonic() - started < 5
