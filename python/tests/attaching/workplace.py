"""Processes that are attached, with a stand-in for the frameworks and for their recorders."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "normlens"

# Other versions of Python to try it with: their executables, separated as in PATH.
PYTHONS = [sys.executable, *filter(None, os.environ.get("NORMLENS_TEST_PYTHONS", "").split(os.pathsep))]

RECORDER = """
import os
import sys

def arm():
    print("armed {framework} by", __name__.partition(".")[0])
    if os.environ.get("STAND_IN_FAILS"):
        raise ValueError("the recorder\\nhas a fault")
"""


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    errors: str


class Workplace:
    """A folder with a copy of our package in `ours/`, and what a person has in `work/`."""

    def __init__(self, folder: Path, python: str) -> None:
        self.python = python
        self.ours = folder / "ours"
        self.work = folder / "work"
        self.work.mkdir()
        shutil.copytree(PACKAGE, self.ours / "normlens", ignore=shutil.ignore_patterns("__pycache__", "recording"))
        self.bootstrap = self.ours / "normlens" / "attaching" / "bootstrap"
        recording = self.ours / "normlens" / "recording"
        recording.mkdir()
        (recording / "__init__.py").write_text("")
        (recording / "pytorch.py").write_text(RECORDER.format(framework="torch"))
        (recording / "keras.py").write_text(RECORDER.format(framework="keras"))

    def write(self, name: str, text: str = "") -> Path:
        file = self.work / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def environment(self, **added: str | None) -> dict[str, str]:
        """An attached process's; None takes a variable away."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NORMLENS_"))}
        wanted = {"NORMLENS_RECORD": "1", "PYTHONPATH": str(self.bootstrap), **added}
        return {**kept, **{name: value for name, value in wanted.items() if value is not None}}

    def run(self, *arguments: str, **added: str | None) -> Ended:
        """Runs our Python in `work/`."""
        return self.start([self.python, *arguments], **added)

    def start(self, command: list[str], **added: str | None) -> Ended:
        environment = self.environment(**added)
        ended = subprocess.run(
            command, cwd=self.work, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)
