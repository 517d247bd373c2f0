"""What every plan in a magnet does when the magnet fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
from bluesky.utils import MsgGenerator


def closing_after_a_quench(plan: Callable[[], MsgGenerator[Any]], field: Any) -> MsgGenerator[Any]:
    """Run ``plan``; when it fails under a quenched magnet, close the shutter.

    Parameters
    ----------
    plan
        Makes the messages.
    field
        Magnetic field; what it gives as ``close_on_failure`` is closed, if anything.
    """

    def failed(error: Exception) -> MsgGenerator[None]:
        shutter = getattr(field, "close_on_failure", None)
        if shutter is not None:
            yield from bps.mv(shutter, "closed")

    return (yield from bpp.contingency_wrapper(plan(), except_plan=failed))
