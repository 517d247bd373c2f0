"""The office's register: organisations, people, units, proposals, bookings, beamtimes, hours."""

from ._example import example_house
from ._journal import Entry
from ._open import office_place, upgrade
from ._register import Register
from ._yaml import export_yaml, import_yaml

__all__ = [
    "Entry",
    "Register",
    "example_house",
    "export_yaml",
    "import_yaml",
    "office_place",
    "upgrade",
]
