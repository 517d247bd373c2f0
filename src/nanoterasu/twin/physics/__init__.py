"""The physics of the twin: numbers in, numbers out, shared by the simulated IOCs and the tests."""

from ._absorption import absorption, dichroic_areas, dichroism, edges, white_line_area
from ._analyser import ANGULAR_RESOLUTION, WORK_FUNCTION, analyser_resolution, collected
from ._counting import ELECTROMETERS, ELEMENTARY_CHARGE, Counter
from ._magnetism import follow, loop, magnetisation, thermal_factor
from ._optics import (
    CIRCULAR_DEGREE,
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
    "ANGULAR_RESOLUTION",
    "CIRCULAR_DEGREE",
    "ELECTROMETERS",
    "ELEMENTARY_CHARGE",
    "FLUX",
    "IMAGE_SIGMA",
    "RING",
    "SAMPLES",
    "WORK_FUNCTION",
    "Counter",
    "Ring",
    "Sample",
    "absorption",
    "analyser_resolution",
    "circular_degree",
    "collected",
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
    "slit_transmission",
    "thermal_factor",
    "white_line_area",
]
