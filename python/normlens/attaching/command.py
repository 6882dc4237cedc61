"""`normlens` on the command line: `normlens record python train.py`."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from .. import __version__
from .environment import environment_for
from .python_options import blocking_option

HELP = """\
Usage: normlens record [options] <COMMAND...>

Record BN while a command trains with PyTorch or Keras.

Options of record:
  --runs <DIR>   The folder of runs (default: .normlens/runs).
  --name <NAME>  The name of the run.

Options:
  -V, --version  Show the version.
  -h, --help     Show this help.

Examples:
  normlens record python train.py --epochs 10
  normlens record torchrun --nproc-per-node 2 train.py

The command keeps its exit code. 127: there is no such command, 126: it can't be started, 2: wrong usage.
"""

NOT_STARTED = 126
NOT_FOUND = 127
WRONG_USAGE = 2


class UsageError(Exception):
    """A wrong command line. The message is a sentence."""


@dataclass(frozen=True)
class Record:
    """`normlens record`, as it was asked for."""

    command: Sequence[str]
    runs: str | None
    name: str | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what the command line asks, and returns the exit code. A command that starts does not come back."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        asked = parse(given)
    except UsageError as error:
        return _say(f'{error}\nRun "normlens --help" for all options.', WRONG_USAGE)
    if isinstance(asked, str):
        print(asked, end="")
        return 0
    option = blocking_option(asked.command)
    if option is not None:
        _say(f"Python does not start the recorder with {option}, so nothing is recorded. Leave out {option}.", 0)
    runs = None if asked.runs is None else Path(asked.runs)
    return start(asked.command, environment_for(os.environ, launch=secrets.token_hex(8), runs=runs, name=asked.name))


def parse(given: Sequence[str]) -> Record | str:
    """What is asked for; a text is to be printed."""
    if not given:
        raise UsageError("a command is missing.")
    first, *rest = given
    if first in ("-h", "--help", "help"):
        return HELP
    if first in ("-V", "--version"):
        return f"{__version__}\n"
    if first != "record":
        raise UsageError(f"unknown {'option' if first.startswith('-') else 'command'} {first}.")
    return _parse_record(rest)


def _parse_record(given: Sequence[str]) -> Record | str:
    """Options end at the first word that is none, or at `--`: what follows is the command with its own options."""
    values: dict[str, str] = {}
    rest = list(given)
    while rest and rest[0].startswith("-"):
        option, has_value, value = rest.pop(0).partition("=")
        if option == "--":
            break
        if option in ("-h", "--help"):
            return HELP
        if option not in ("--runs", "--name"):
            raise UsageError(f"unknown option {option} for record.")
        if not has_value and (not rest or rest[0].startswith("--")):
            raise UsageError(f"{option} needs a value.")
        values[option] = value if has_value else rest.pop(0)
    if not rest:
        raise UsageError("COMMAND is missing for record.")
    return Record(command=rest, runs=values.get("--runs"), name=values.get("--name"))


def start(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Becomes the command, so that its signals and its exit code are its own."""
    try:
        if sys.platform == "win32":
            return _wait_for(command, environment)
        _replace_process(command, environment)
    except (FileNotFoundError, NotADirectoryError):
        return _say(f"there is no command {command[0]} here. Check its name and your PATH.", NOT_FOUND)
    except OSError as error:
        hint = f" Start it with Python: normlens record python {command[0]}" if command[0].endswith(".py") else ""
        return _say(f"{command[0]} can't be started: {error.strerror}.{hint}", NOT_STARTED)


def _replace_process(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os.execvpe(command[0], list(command), dict(environment))


def _wait_for(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Windows can't replace a process."""
    # Names such as `torchrun` are found with their ending, as a shell does.
    program = shutil.which(command[0], path=environment.get("PATH"))
    if program is None:
        raise FileNotFoundError(command[0])
    process = subprocess.Popen([program, *command[1:]], env=dict(environment))
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The command shares our console and gets Ctrl+C as well: it decides what becomes of it.
            continue


def _say(text: str, code: int) -> int:
    print(f"normlens: {text}", file=sys.stderr)
    return code
