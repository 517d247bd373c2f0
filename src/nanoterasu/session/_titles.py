"""What a run is called where others may see it: a word of the house and a short uid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TECHNIQUES = frozenset(
    {
        *("XAS", "XMCD", "XMLD", "RIXS", "XPS", "AP-XPS", "HAXPES", "ARPES", "nano-ARPES"),
        *("XAFS", "XRD", "SAXS", "WAXS", "MX", "CT", "STXM", "XPCS", "ptychography"),
    }
)


def title(start: Mapping[str, Any]) -> str:
    """Return the title of a run: its technique, if it is a known one, and its short uid.

    A plan's own words may name a customer or a sample, and screens, windows and pictures are
    seen by others.

    >>> title({"technique": "XAS", "uid": "0123456789"}), title({"uid": "0123456789"})
    ('XAS 01234567', 'run 01234567')
    """
    technique = start.get("technique")
    word = technique if isinstance(technique, str) and technique in _TECHNIQUES else "run"
    return f"{word} {start['uid'][:8]}"
