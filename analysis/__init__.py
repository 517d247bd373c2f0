"""Science by technique: arrays in, results out."""

if __name__ != "nanoterasu.analysis":
    raise ImportError("import this room as nanoterasu.analysis, not as analysis")

from . import figures, xas, xmcd, xps

__all__ = ["figures", "xas", "xmcd", "xps"]
