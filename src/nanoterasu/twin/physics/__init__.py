"""The physics of the twin: numbers in, numbers out, shared by the simulated IOCs and the tests."""

from . import rixs, spectrometer
from ._absorption import (
    OXIDE_EDGE_SHIFT,
    absorption,
    dichroic_areas,
    dichroism,
    edges,
    white_line_area,
)
from ._analyser import ANGULAR_RESOLUTION, WORK_FUNCTION, analyser_resolution, collected
from ._bands import (
    BACKGROUND,
    BOLTZMANN,
    BRIGHTNESS,
    CRYSTAL,
    GOLD,
    MOMENTUM,
    PHOTON_OFFSET,
    Crystal,
    fermi,
    interference,
    shares,
    states,
)
from ._counting import ELECTROMETERS, ELEMENTARY_CHARGE, Counter
from ._focusing import (
    FOCUS_OFFSET,
    OPTIC_DIAMETER,
    OPTIC_PINHOLE,
    OPTIC_ZONE,
    focused_sigma,
    passes,
)
from ._gas import BASE_PRESSURE, filled, transmitted
from ._goniometry import ECCENTRICITY, INCIDENCE, emission, in_the_beam, rotation
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
from ._photoelectrons import METAL_TAIL, OXIDE_SHIFT, OXIDE_WIDTH, photoelectrons
from ._ring import RING, Ring
from ._sample import SAMPLES, Sample
from ._surface import FIRST_OXIDE, cell_current, oxidation_history, oxidised, surface_rates
from ._yields import FLUX, currents, illuminated

__all__ = [
    "ANGULAR_RESOLUTION",
    "BACKGROUND",
    "BASE_PRESSURE",
    "BOLTZMANN",
    "BRIGHTNESS",
    "CIRCULAR_DEGREE",
    "CRYSTAL",
    "ECCENTRICITY",
    "ELECTROMETERS",
    "ELEMENTARY_CHARGE",
    "FINER",
    "FIRST_OXIDE",
    "FLUX",
    "FOCUS_OFFSET",
    "GOLD",
    "IMAGE_SIGMA",
    "INCIDENCE",
    "METAL_TAIL",
    "MOMENTUM",
    "OPTIC_DIAMETER",
    "OPTIC_PINHOLE",
    "OPTIC_ZONE",
    "OXIDE_EDGE_SHIFT",
    "OXIDE_SHIFT",
    "OXIDE_WIDTH",
    "PHOTON_OFFSET",
    "RING",
    "SAMPLES",
    "WORK_FUNCTION",
    "Counter",
    "Crystal",
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
    "emission",
    "fermi",
    "filled",
    "focused_sigma",
    "follow",
    "harmonic_peak",
    "illuminated",
    "in_the_beam",
    "interference",
    "loop",
    "magnetisation",
    "oxidation_history",
    "oxidised",
    "passes",
    "photoelectrons",
    "resolution",
    "rixs",
    "rotation",
    "shares",
    "slit_transmission",
    "spectrometer",
    "states",
    "surface_rates",
    "thermal_factor",
    "transmitted",
    "white_line_area",
]
