"""The physics of the twin: numbers in, numbers out, shared by the simulated IOCs and the tests."""

from ._absorption import absorption, dichroic_areas, dichroism, edges, white_line_area
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
from ._photoelectrons import OXIDE_SHIFT, WORK_FUNCTION, photoelectrons
from ._ring import RING, Ring
from ._sample import SAMPLES, Sample
from ._surface import (
    FIRST as FIRST_OXIDE,
)
from ._surface import (
    cell_current,
    oxidation_history,
    oxidised,
)
from ._surface import (
    rates as surface_rates,
)
from ._yields import FLUX, currents, illuminated

__all__ = [
    "BASE_PRESSURE",
    "CIRCULAR_DEGREE",
    "ELECTROMETERS",
    "ELEMENTARY_CHARGE",
    "FIRST_OXIDE",
    "FLUX",
    "IMAGE_SIGMA",
    "OXIDE_SHIFT",
    "RING",
    "SAMPLES",
    "WORK_FUNCTION",
    "Counter",
    "Ring",
    "Sample",
    "absorption",
    "cell_current",
    "circular_degree",
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
