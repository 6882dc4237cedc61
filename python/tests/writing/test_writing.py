"""Files of a run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from normlens.writing.budget import Allowance
from normlens.writing.files import EventsFile, NumbersFile
from normlens.writing.folder import make_run_folder
from normlens.writing.heartbeat import Heartbeat


def test_two_runs_of_one_second_have_folders_of_their_own(tmp_path: Path) -> None:
    folders = {make_run_folder(tmp_path / ".normlens" / "runs", "train-Net") for _ in range(20)}
    assert len(folders) == 20
    assert (tmp_path / ".normlens" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("title", ["../../etc", "a/b\\c", "", "ü" * 100, "con:"])
def test_a_title_cannot_leave_the_folder(title: str, tmp_path: Path) -> None:
    folder = make_run_folder(tmp_path, title)
    assert folder.parent == tmp_path
    assert folder.name.isascii()


def test_numbers_that_are_not_finite_are_null(tmp_path: Path) -> None:
    events = EventsFile(tmp_path / "run.jsonl")
    events.write({"type": "x", "values": [float("nan"), float("inf"), np.float32(0.5)], "deep": {"n": np.int64(3)}})
    assert json.loads((tmp_path / "run.jsonl").read_text()) == {
        "type": "x",
        "values": [None, None, 0.5],
        "deep": {"n": 3},
    }


def test_frames_of_one_write_are_whole_frames(tmp_path: Path) -> None:
    from conftest import RecordedRun

    numbers = NumbersFile(tmp_path / "numbers.bin")
    table = numbers.declare("steps", ("learning_rate", "seconds"))
    numbers.add_all(table, [(step, 0.1, step / 8) for step in range(1, 9)])
    numbers.add(table, 9, np.array([0.1, 2.0]))
    EventsFile(tmp_path / "run.jsonl").write({"type": "run"})
    frames = RecordedRun(tmp_path).frames("steps")
    assert [frame.step for frame in frames] == list(range(1, 10))
    assert frames[3].values[""]["seconds"] == 0.5
    assert numbers.bytes == (tmp_path / "numbers.bin").stat().st_size


def test_a_file_that_was_replaced_is_noticed(tmp_path: Path) -> None:
    numbers = NumbersFile(tmp_path / "numbers.bin")
    assert numbers.is_there()
    os.unlink(tmp_path / "numbers.bin")
    assert not numbers.is_there()


def test_an_allowance_is_never_exceeded() -> None:
    allowance, distance, since = Allowance(1e6), 1.0, 0.0
    for _ in range(10_000_000 // 1000):
        since += 1
        if since >= distance * allowance.sparseness():
            allowance.pay(2000)
            since = 0
    assert 0.5e6 < allowance.used <= 1e6


def test_a_heartbeat_promises_what_the_steps_allow(tmp_path: Path) -> None:
    heartbeat = Heartbeat(tmp_path)
    beats = []
    for now in (0.0, 5.0, 125.0, 130.0):
        assert heartbeat.due(now)
        heartbeat.write(7, now)
        beats.append(json.loads((tmp_path / "heartbeat.json").read_text()))
    assert [beat["beat"] for beat in beats] == [1, 2, 3, 4]
    assert beats[0]["everySeconds"] == 5
    assert beats[2]["everySeconds"] >= 100
    assert not heartbeat.due(131.0)
