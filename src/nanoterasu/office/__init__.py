"""The office's register: organisations, people, units, proposals, beamtimes and hours."""

from ._example import example_house
from ._register import Register

__all__ = ["Register", "example_house"]
