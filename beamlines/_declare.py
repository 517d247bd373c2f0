"""What a beamline table is made of: devices, interlocks, and the beamline that holds them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar, overload

from ophyd import Device
from ophyd.sim import make_fake_device

D = TypeVar("D", bound=Device)


class AddressError(LookupError):
    """A beamline has no address, because the site has not given one."""


@dataclass(frozen=True, slots=True)
class Interlock:
    """A signal that must stay within bounds while a plan runs.

    Attributes
    ----------
    signal : str
        Dotted path below the beamline, as ``"ring.current"``.
    at_least, at_most : float or None
        In the signal's unit; a plan pauses outside, and resumes inside again.
    resumes : bool
        False for what is not as it was when the signal is back: then the plan ends with an error.
    """

    signal: str
    at_least: float | None = None
    at_most: float | None = None
    resumes: bool = True


class device(Generic[D]):
    """One line of the table; built when first touched, named by its attribute.

    Parameters
    ----------
    cls
        The ophyd class.
    suffix
        PV suffix below the beamline's prefix; empty for what lives in the client alone.
    station
        Code of the one station that has it; None where all do.
    optional
        Whether a session may begin without it.
    **settings
        Passed to ``cls``.  A setting that is itself a `device` line is passed as that device.
    """

    def __init__(
        self,
        cls: type[D],
        suffix: str = "",
        *,
        station: str | None = None,
        optional: bool = False,
        **settings: Any,
    ) -> None:
        self.cls = cls
        self.suffix = suffix
        self.station = station
        self.optional = optional
        self.settings = settings
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, beamline: None, owner: type) -> Self: ...
    @overload
    def __get__(self, beamline: Beamline, owner: type) -> D: ...
    def __get__(self, beamline: Beamline | None, owner: type) -> Self | D:
        if beamline is None:
            return self
        built = beamline.built
        if self.name not in built:
            cls = make_fake_device(self.cls) if beamline.simulated else self.cls
            settings = {
                key: getattr(beamline, value.name) if isinstance(value, device) else value
                for key, value in self.settings.items()
            }
            built[self.name] = cls(beamline.prefix + self.suffix, name=self.name, **settings)
        return built[self.name]


class Beamline:
    """A beamline, as one of its stations sees it: one line a device, from source to detectors.

    Parameters
    ----------
    prefix
        What the site puts before every PV suffix of this beamline.  No real one is in this
        repository.
    station
        Code of the station; the only one, or the first, when not given.
    simulated
        Build ophyd's fakes, without a control system, for tests of pure logic.

    Attributes
    ----------
    split : bool
        Of the table: whether the beam reaches several stations at once, so that each measures
        for a party of its own.  Else one session at a time has the beam.
    absent : set of str
        Names of optional devices that did not answer when it was connected.

    Raises
    ------
    AddressError
        If there is neither a prefix nor a simulation.
    LookupError
        If it has no such station.
    """

    port: ClassVar[str]
    stations: ClassVar[tuple[str, ...]]
    techniques: ClassVar[tuple[str, ...]]
    energy_range: ClassVar[tuple[float, float]]
    split: ClassVar[bool] = False
    baseline: ClassVar[tuple[device[Any], ...]] = ()
    interlocks: ClassVar[tuple[Interlock, ...]] = ()

    def __init__(
        self, prefix: str | None = None, *, station: str | None = None, simulated: bool = False
    ) -> None:
        if not prefix and not simulated:
            code = type(self).__name__
            raise AddressError(
                f"{code} has no address: no PV prefix is set for it. Set it in the site's settings "
                f"(NANOTERASU_PREFIX_{code}), or start its twin with 'nanoterasu twin {code}'."
            )
        if station is not None and station not in self.stations:
            raise LookupError(
                f"{type(self).__name__} has no station {station!r}; it has "
                f"{', '.join(self.stations)}."
            )
        self.prefix = prefix or ""
        self.station = station or self.stations[0]
        self.absent: set[str] = set()
        self.simulated = simulated
        self.built: dict[str, Any] = {}

    @classmethod
    def lines(cls) -> Mapping[str, device[Any]]:
        """Lines of the table, in their order, by name."""
        return {name: line for name, line in vars(cls).items() if isinstance(line, device)}

    def here(self) -> Mapping[str, device[Any]]:
        """Lines that this station has: the shared ones and its own, by name."""
        return {
            name: line
            for name, line in self.lines().items()
            if line.station in (None, self.station)
        }

    def devices(self) -> dict[str, Device]:
        """Every device of this station that is not absent, built, by name."""
        return {name: getattr(self, name) for name in self.here() if name not in self.absent}

    def read_around(self) -> list[Device]:
        """Devices of the baseline that this station has."""
        present = self.devices()
        return [present[line.name] for line in self.baseline if line.name in present]

    def guarded_by(self) -> list[Interlock]:
        """Interlocks whose signal this station has."""
        here = self.here()
        return [each for each in self.interlocks if each.signal.partition(".")[0] in here]

    def connect(self, timeout: float = 10.0) -> None:
        """Build every device, then wait for all their connections at once.

        Optional devices that do not answer are `absent` afterwards.

        Raises
        ------
        ConnectionError
            Naming the others that did not answer within ``timeout`` [s].
        """
        here = self.here()
        self.absent = set()
        missing = self.silent(timeout)
        required = [name for name in missing if not here[name].optional]
        if required:
            raise ConnectionError(
                f"{type(self).__name__}: no answer within {timeout:g} s from "
                f"{', '.join(required)} below {self.prefix!r}. Is the control system (or the twin: "
                f"'nanoterasu twin {type(self).__name__}') running and reachable from here? "
                f"'nanoterasu check {self.station}' says which signals are silent."
            )
        self.absent = set(missing)

    def silent(self, timeout: float) -> list[str]:
        """Names of the devices that do not answer within ``timeout`` [s]."""
        until = time.monotonic() + timeout
        missing = []
        for name, built in self.devices().items():
            try:
                built.wait_for_connection(timeout=max(until - time.monotonic(), 0.1))
            except TimeoutError:
                missing.append(name)
        return missing
