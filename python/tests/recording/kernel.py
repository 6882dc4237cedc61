"""Runs the cells of a notebook in a kernel of its own process: `python kernel.py < request`.

The request is JSON: `cells`, each a text or `null` for an interrupt one second into the next cell. The answer is JSON:
for each cell what was `shown`, as pairs of a stream and a text, and the `beats` of the runs before the kernel ended.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any


def main() -> None:
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import KernelManager

    cells = json.load(sys.stdin)["cells"]
    manager = KernelManager()
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(argv=command, language="python", display_name="Python")
    with Path("kernel.log").open("w") as log:
        manager.start_kernel(stderr=log)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=120)
        shown = []
        for cell in cells:
            if cell is None:
                threading.Timer(1.0, manager.interrupt_kernel).start()
            else:
                shown.append(_shown_by(client, cell))
        beats = [path.read_text() for path in sorted(Path("runs").glob("*/heartbeat.json"))]
        client.stop_channels()
        manager.shutdown_kernel()
    json.dump({"shown": shown, "beats": beats}, sys.stdout)


def _shown_by(client: Any, cell: str) -> list[tuple[str, str]]:
    shown: list[tuple[str, str]] = []

    def look(message: Any) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            shown.append((content["name"], content["text"]))
        elif message["msg_type"] == "error":
            shown.append(("error", content["ename"]))

    client.execute_interactive(cell, timeout=120, output_hook=look)
    return shown


if __name__ == "__main__":
    main()
