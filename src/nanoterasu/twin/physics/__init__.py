"""The physics of the twin: numbers in, numbers out, shared by the simulated IOCs and the tests."""

from . import rixs, spectrometer
from ._absorption import absorption, dichroic_areas, dichroism, edges, white_line_area
from ._counting import ELECTROMETERS, ELEMENTARY_CHARGE, Counter
from ._magnetism import follow, loop, magnetisation, thermal_factor
from ._optics import (
    CIRCULAR_DEGREE,
    FINER,
    IMAGE_SIGMA,
    circular_degree,
    harmonic_peak,
    resolution,
    slit_transmission,
)
from ._ring import RING, Ring
from ._sample import SAMPLES, Sample
from ._yields import FLUX, currents, illuminated

__all__ = [
    "CIRCULAR_DEGREE",
    "ELECTROMETERS",
    "ELEMENTARY_CHARGE",
    "FINER",
    "FLUX",
    "IMAGE_SIGMA",
    "RING",
    "SAMPLES",
    "Counter",
    "Ring",
    "Sample",
    "absorption",
    "circular_degree",
    "currents",
    "dichroic_areas",
    "dichroism",
    "edges",
    "follow",
    "harmonic_peak",
    "illuminated",
    "loop",
    "magnetisation",
    "resolution",
    "rixs",
    "slit_transmission",
    "spectrometer",
    "thermal_factor",
    "white_line_area",
]
