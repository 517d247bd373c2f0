"""The beamlines of the facility, one table a module, source to detector."""

if __name__ != "nanoterasu.beamlines":
    raise ImportError("import this room as nanoterasu.beamlines, not as beamlines")

import importlib
import pkgutil

from ._declare import AddressError, Beamline, Interlock, device

__all__ = ["AddressError", "Beamline", "Interlock", "device", "station", "table", "tables"]


def tables() -> dict[str, type[Beamline]]:
    """Every beamline's table by its code, one a module of this package.

    >>> tables()["BL13U"].techniques
    ('XAS', 'XMCD')
    """
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return {module.beamline.__name__: module.beamline for module in modules}


def table(code: str) -> type[Beamline]:
    """Table of the beamline ``code``, as ``"BL13U"``.

    Raises
    ------
    LookupError
        With the beamlines that there are.
    """
    found = tables().get(code.upper())
    if found is None:
        raise LookupError(
            f"{code!r} is no beamline of this installation; it has {', '.join(tables())}. "
            "Give one of these codes."
        )
    return found


def station(code: str) -> tuple[type[Beamline], str]:
    """Table and code of a station, as ``"BL07U-HORNET"``; of a beamline with only one, its own.

    Raises
    ------
    LookupError
        With the stations that there are.

    >>> station("bl13u")[1]
    'BL13U'
    """
    found = table(code.partition("-")[0])
    codes = {each.upper(): each for each in found.stations}
    if code.upper() in codes:
        return found, codes[code.upper()]
    if code.upper() == found.__name__ and len(codes) == 1:
        return found, found.stations[0]
    raise LookupError(
        f"{code!r} is no station: {found.__name__} has {', '.join(found.stations)}. Give one of "
        "them."
    )
