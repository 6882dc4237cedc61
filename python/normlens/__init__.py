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
    from .attaching.callbacks.keras import KerasCallback as KerasCallback
    from .attaching.callbacks.lightning import LightningCallback as LightningCallback
    from .attaching.callbacks.transformers import TransformersCallback as TransformersCallback
    from .tools.pytorch_check import check as check
    from .tools.pytorch_recalibrate import recalibrate as recalibrate

# Without the callbacks: `import *` must not import what is not used, or not installed.
__all__ = ["__version__", "check", "recalibrate", "watch"]

#: The recorder needs numpy and a framework, and a callback its trainer: whoever asks for one imports it.
_PLACES = {
    "KerasCallback": "attaching.callbacks.keras",
    "LightningCallback": "attaching.callbacks.lightning",
    "TransformersCallback": "attaching.callbacks.transformers",
    "check": "tools.pytorch_check",
    "recalibrate": "tools.pytorch_recalibrate",
    "watch": "attaching.call",
}

if __name__ == "normlens" and "_normlens" in sys.modules:
    # This process is being recorded by the copy that came with the launcher: whoever imports the installed package
    # gets that one, so that no training is recorded twice.
    sys.modules[__name__] = sys.modules["_normlens"]
elif __name__ == "normlens":
    from .attaching.arming import remember

    remember()
    del remember


def __getattr__(name: str) -> object:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = f"{__name__}.{place}"
    __import__(module)
    return getattr(sys.modules[module], name)
