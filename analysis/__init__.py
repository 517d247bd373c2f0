"""Science by technique: arrays in, results out."""

if __name__ != "nanoterasu.analysis":
    raise ImportError("import this room as nanoterasu.analysis, not as analysis")

from . import arpes, figures, rixs, spin, xas, xmcd, xps

__all__ = ["arpes", "figures", "rixs", "spin", "xas", "xmcd", "xps"]
