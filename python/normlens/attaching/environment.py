"""Stub."""
import os
from pathlib import Path
def runs_folder() -> Path:
    return Path(os.environ.get("NORMLENS_RUNS") or Path.cwd() / ".normlens" / "runs").absolute()
