"""Records batch normalization (BN) while your own PyTorch or Keras training runs.

Nothing in a script has to change: `normlens record python train.py`. To name a model in the script:

    import normlens

    normlens.watch(model)
"""

from __future__ import annotations

import sys

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .attaching.call import watch as watch
    from .tools.pytorch_check import check as check
    from .tools.pytorch_recalibrate import recalibrate as recalibrate

__all__ = ["__version__", "check", "recalibrate", "watch"]

if __name__ == "normlens" and "_normlens" in sys.modules:
    # This process is being recorded by the copy that came with the launcher: whoever imports the installed package
    # gets that one, so that no training is recorded twice.
    sys.modules[__name__] = sys.modules["_normlens"]


def __getattr__(name: str) -> object:
    # The recorder needs numpy and a framework; a process that is merely attached must not pay for them.
    if name == "watch":
        from .attaching.call import watch

        return watch
    if name == "recalibrate":
        from .tools.pytorch_recalibrate import recalibrate

        return recalibrate
    if name == "check":
        from .tools.pytorch_check import check

        return check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
