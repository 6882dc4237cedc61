"""`python -m normlens`: the command line."""

from __future__ import annotations

import sys

from .attaching.command import main

sys.exit(main())
