"""The example of two processes is recorded as one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_two_processes_are_one_run(script: Any) -> None:
    source = (EXAMPLES / "two_processes.py").read_text()
    outcome = script(source, ranks=2)
    assert outcome.code == 0, outcome.errors
    run = outcome.run
    assert run.run["ranks"] == 2
    assert [layer["name"] for layer in run.run["layers"]] == ["bn1", "bn2"]
    assert run.of("end")[0]["step"] == 96
    assert run.channels("bn1").keys() == run.channels("bn1", rank=1).keys()
    assert run.standing("bn1")["batch"] == 32
