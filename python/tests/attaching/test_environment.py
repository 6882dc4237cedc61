"""The variables between a launcher and its processes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from normlens import __version__
from normlens.attaching.environment import BOOTSTRAP, Environment, environment_for, prepended, read_environment

HERE = Path("/home/me/project")


def test_an_empty_environment_records_nothing() -> None:
    assert read_environment({}, HERE) == Environment(
        records=False, runs=HERE / ".normlens" / "runs", run_name=None, launch=None, every=None, debug=False
    )


def test_what_a_launcher_writes_is_read_again() -> None:
    written = environment_for({}, launch="a1", runs=Path("out"), name="first try", directory=HERE)
    assert read_environment(written, Path("/elsewhere")) == Environment(
        records=True, runs=HERE / "out", run_name="first try", launch="a1", every=None, debug=False
    )


def test_the_folder_is_settled_before_a_script_changes_its_directory() -> None:
    assert environment_for({}, launch="a", directory=HERE)["NORMLENS_RUNS"] == str(HERE / ".normlens" / "runs")


def test_what_a_terminal_says_is_kept_and_an_option_comes_before_it() -> None:
    base = {"NORMLENS_RUNS": "/runs", "NORMLENS_RUN_NAME": "mine", "PATH": "/bin", "NORMLENS_LAUNCH": "old"}
    kept = environment_for(base, launch="new", directory=HERE)
    assert {name: kept[name] for name in base} == {
        **base,
        "NORMLENS_LAUNCH": "new",
        "NORMLENS_RUNS": str(Path("/runs")),
    }
    assert environment_for(base, launch="new", runs=Path("/other"))["NORMLENS_RUNS"] == str(Path("/other"))


@pytest.mark.parametrize(
    ("text", "every"), [("5", 5), ("0", None), ("-1", None), ("1.5", None), ("", None), ("²", None), (" 5", None)]
)
def test_every_is_a_whole_number(text: str, every: int | None) -> None:
    assert read_environment({"NORMLENS_EVERY": text}, HERE).every == every


@pytest.mark.parametrize(
    ("path", "separator", "expected"),
    [
        ("", ":", "/ours"),
        ("/a:/b", ":", "/ours:/a:/b"),
        # An empty entry of the person's own stays one.
        (":/a", ":", "/ours::/a"),
        ("/a:", ":", "/ours:/a:"),
        ("/ours:/a", ":", "/ours:/a"),
        (r"C:\lib;D:\lib", ";", r"/ours;C:\lib;D:\lib"),
    ],
)
def test_our_folder_goes_first(path: str, separator: str, expected: str) -> None:
    assert prepended("/ours", path, separator) == expected


def test_windows() -> None:
    ours = r"C:\Users\me\normlens\attaching\bootstrap"
    base = {"PYTHONPATH": r"D:\lib;"}
    written = environment_for(base, launch="a", bootstrap=ours, directory=HERE, separator=";")
    assert written["PYTHONPATH"] == ours + r";D:\lib;"


def test_the_bootstrap_is_where_the_launchers_say() -> None:
    assert [entry.name for entry in BOOTSTRAP.iterdir() if entry.suffix == ".py"] == ["sitecustomize.py"]
    assert os.path.join("normlens", "attaching", "bootstrap") in str(BOOTSTRAP)


ROOT = Path(__file__).resolve().parents[3]


def test_the_version_and_the_licence_are_those_of_the_repository() -> None:
    assert json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["version"] == __version__
    assert (ROOT / "LICENSE").read_bytes() == (ROOT / "python" / "LICENSE").read_bytes()
