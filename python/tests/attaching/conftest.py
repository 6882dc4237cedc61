"""Fixtures of the tests of attaching."""

from __future__ import annotations

from pathlib import Path

import pytest
from attaching.workplace import PYTHONS, Workplace


@pytest.fixture(params=PYTHONS, ids=[Path(python).as_posix().split("/")[-3] for python in PYTHONS])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Workplace:
    """An attached workplace in each Python, with a `torch` in the working folder."""
    made = Workplace(tmp_path, request.param)
    made.write("torch/__init__.py", "print('torch is imported')\n")
    return made
