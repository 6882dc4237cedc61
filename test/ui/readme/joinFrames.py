"""Join pictures into one animation (WebP) with Pillow, which comes with tensorboard, and say how large it is.

    python joinFrames.py frames.json walk.webp

frames.json lists the pictures with how long each stands: [{"file", "milliseconds"}].
"""

import json
import sys
from pathlib import Path

from PIL import Image

LIMIT_BYTES = 2 * 1024 * 1024


def main(listed: str, target: str) -> None:
    frames = json.loads(Path(listed).read_text(encoding="utf-8"))
    pictures = [Image.open(frame["file"]).convert("RGB") for frame in frames]
    pictures[0].save(
        target,
        save_all=True,
        append_images=pictures[1:],
        duration=[frame["milliseconds"] for frame in frames],
        loop=0,
        quality=70,
        method=6,
        minimize_size=True,
    )
    size = Path(target).stat().st_size
    print(f"{target}: {len(pictures)} frames, {size / 1024:.0f} KB")
    if size > LIMIT_BYTES:
        raise SystemExit("It is larger than 2 MB: show fewer frames, or lower the quality.")


main(*sys.argv[1:])
