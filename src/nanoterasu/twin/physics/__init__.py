"""The physics of the twin: numbers in, numbers out, shared by the simulated IOCs and the tests."""

from ._absorption import (
    OXIDE_EDGE_SHIFT,
    absorption,
    dichroic_areas,
    dichroism,
    edges,
    white_line_area,
)
from ._analyser import ANGULAR_RESOLUTION, WORK_FUNCTION, analyser_resolution, collected
from ._counting import ELECTROMETERS, ELEMENTARY_CHARGE, Counter
from ._gas import BASE_PRESSURE, filled, transmitted
from ._magnetism import follow, loop, magnetisation, thermal_factor
from ._optics import (
    CIRCULAR_DEGREE,
    IMAGE_SIGMA,
    circular_degree,
    harmonic_peak,
    resolution,
    slit_transmission,
)
from ._photoelectrons import METAL_TAIL, OXIDE_SHIFT, OXIDE_WIDTH, photoelectrons
from ._ring import RING, Ring
from ._sample import SAMPLES, Sample
from ._surface import FIRST_OXIDE, cell_current, oxidation_history, oxidised, surface_rates
from ._yields import FLUX, currents, illuminated

__all__ = [
    "ANGULAR_RESOLUTION",
    "BASE_PRESSURE",
    "CIRCULAR_DEGREE",
    "ELECTROMETERS",
    "ELEMENTARY_CHARGE",
    "FIRST_OXIDE",
    "FLUX",
    "IMAGE_SIGMA",
    "METAL_TAIL",
    "OXIDE_EDGE_SHIFT",
    "OXIDE_SHIFT",
    "OXIDE_WIDTH",
    "RING",
    "SAMPLES",
    "WORK_FUNCTION",
    "Counter",
    "Ring",
    "Sample",
    "absorption",
    "analyser_resolution",
    "cell_current",
    "circular_degree",
    "collected",
    "currents",
    "dichroic_areas",
    "dichroism",
    "edges",
    "filled",
    "follow",
    "harmonic_peak",
    "illuminated",
    "loop",
    "magnetisation",
    "oxidation_history",
    "oxidised",
    "photoelectrons",
    "resolution",
    "slit_transmission",
    "surface_rates",
    "thermal_factor",
    "transmitted",
    "white_line_area",
]
