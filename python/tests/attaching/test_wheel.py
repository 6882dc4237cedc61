"""The package that is built, installed into an empty folder."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

from attaching.workplace import PACKAGE

PYTHON = PACKAGE.parent


def pip(*arguments: str) -> None:
    quiet = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    subprocess.run([sys.executable, "-m", "pip", *arguments, *quiet], check=True, timeout=120)


def test_the_wheel_has_everything(tmp_path: Path) -> None:
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(PYTHON))
    (wheel,) = tmp_path.glob("normlens-*-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = {name for name in packed.namelist() if "dist-info" not in name}
        metadata = {Path(name).name: packed.read(name).decode() for name in packed.namelist() if "dist-info" in name}
    carried = {file for ending in ("*.py", "py.typed") for file in PACKAGE.rglob(ending)}
    assert names == {file.relative_to(PYTHON).as_posix() for file in carried}
    assert metadata["LICENSE"] == (PYTHON / "LICENSE").read_text()
    assert "normlens = normlens.attaching.command:main" in metadata["entry_points.txt"]
    assert not re.search(r"^Requires-Dist", metadata["METADATA"], re.MULTILINE)

    installed = tmp_path / "installed"
    pip("install", "--target", str(installed), str(wheel))
    ended = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(installed)!r}); import normlens.__main__"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("normlens: ")


def test_one_version_builds_it() -> None:
    (pinned,) = re.findall(r'"(hatchling==[^"]+)"', (PYTHON / "pyproject.toml").read_text())
    assert pinned in (PYTHON / "requirements-test.txt").read_text().splitlines()
