"""Science by technique: arrays in, results out."""

if __name__ != "nanoterasu.analysis":
    raise ImportError("import this room as nanoterasu.analysis, not as analysis")

from . import arpes, figures, rixs, spin, stxm, xas, xmcd, xps

__all__ = ["arpes", "figures", "rixs", "spin", "stxm", "xas", "xmcd", "xps"]
