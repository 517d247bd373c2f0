"""The physics of the twin: numbers in, numbers out, shared by the simulated IOCs and the tests."""

from ._absorption import absorption, dichroic_areas, dichroism, edges, white_line_area
from ._counting import ELECTROMETERS, ELEMENTARY_CHARGE, Counter
from ._magnetism import follow, loop, magnetisation, thermal_factor
from ._microscopy import (
    APERTURE_DIAMETER,
    FILM,
    FOCUSED_SHARE,
    OUTERMOST_ZONE,
    ZONE_PLATE_DIAMETER,
    Film,
    aperture_share,
    density,
    film_transmission,
    runout,
    spot_sigma,
)
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
from ._yields import DIODE_YIELD, FLUX, currents, illuminated

__all__ = [
    "APERTURE_DIAMETER",
    "CIRCULAR_DEGREE",
    "DIODE_YIELD",
    "ELECTROMETERS",
    "ELEMENTARY_CHARGE",
    "FILM",
    "FLUX",
    "FOCUSED_SHARE",
    "IMAGE_SIGMA",
    "OUTERMOST_ZONE",
    "RING",
    "SAMPLES",
    "ZONE_PLATE_DIAMETER",
    "Counter",
    "Film",
    "Ring",
    "Sample",
    "absorption",
    "aperture_share",
    "circular_degree",
    "currents",
    "density",
    "dichroic_areas",
    "dichroism",
    "edges",
    "film_transmission",
    "follow",
    "harmonic_peak",
    "illuminated",
    "loop",
    "magnetisation",
    "resolution",
    "runout",
    "slit_transmission",
    "spot_sigma",
    "thermal_factor",
    "white_line_area",
]
