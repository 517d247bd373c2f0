"""Science by technique: arrays in, results out."""

if __name__ != "nanoterasu.analysis":
    raise ImportError("import this room as nanoterasu.analysis, not as analysis")

from . import figures, stxm, xas, xmcd

__all__ = ["figures", "stxm", "xas", "xmcd"]
