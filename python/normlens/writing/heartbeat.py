"""The sign of life: a small file that is written again every few seconds, without a thread in a person's process."""

from __future__ import annotations

import json
import os
import time
from datetime import datetime, timezone
from pathlib import Path

USUAL_SECONDS = 5.0
LONGEST_SECONDS = 900.0


class Heartbeat:
    """Written between steps, so the distance it promises follows how long steps take."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "heartbeat.json"
        self._beat = 0
        self._last = -LONGEST_SECONDS
        self._longest = 0.0

    def due(self, now: float) -> bool:
        """Whether it has to be written now, by the monotonic clock."""
        return now - self._last >= USUAL_SECONDS

    def write(self, step: int, now: float, expected: float = 0.0) -> None:
        """Writes it.

        Args:
            step: The last step done.
            now: Seconds of the monotonic clock.
            expected: Seconds for which nothing may be written from here on, where that is known to be long: the
                model is evaluated now.
        """
        if self._beat > 0:
            # A pause that has happened once (a validation) may happen again.
            self._longest = max(0.9 * self._longest, now - self._last)
        self._last = now
        self._beat += 1
        every = min(LONGEST_SECONDS, max(USUAL_SECONDS, expected, self._longest))
        at = datetime.fromtimestamp(time.time(), timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
        text = json.dumps({"beat": self._beat, "everySeconds": round(every, 1), "step": step, "at": at})
        partial = self._path.with_suffix(".partial")
        partial.write_text(text)
        os.replace(partial, self._path)
