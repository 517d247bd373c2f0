"""Simulated IOCs made from the beamlines' own tables, over real Channel Access."""

from ._errors import TwinError
from ._process import TwinProcess
from ._server import serve
from .physics import SAMPLES, Sample

__all__ = ["SAMPLES", "Sample", "TwinError", "TwinProcess", "serve"]
