"""The command line: ``nanoterasu …``."""

from ._commands import main

__all__ = ["main"]
