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
    **settings
        Passed to ``cls``.  A setting that is itself a `device` line is passed as that device.
    """

    def __init__(self, cls: type[D], suffix: str = "", **settings: Any) -> None:
        self.cls = cls
        self.suffix = suffix
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
    """A beamline: one line a device, from source to detectors.

    Parameters
    ----------
    prefix
        What the site puts before every PV suffix of this beamline.  No real one is in this
        repository.
    simulated
        Build ophyd's fakes, without a control system, for tests of pure logic.

    Raises
    ------
    AddressError
        If there is neither a prefix nor a simulation.
    """

    port: ClassVar[str]
    stations: ClassVar[tuple[str, ...]]
    techniques: ClassVar[tuple[str, ...]]
    energy_range: ClassVar[tuple[float, float]]
    baseline: ClassVar[tuple[device[Any], ...]] = ()
    interlocks: ClassVar[tuple[Interlock, ...]] = ()

    def __init__(self, prefix: str | None = None, *, simulated: bool = False) -> None:
        if not prefix and not simulated:
            code = type(self).__name__
            raise AddressError(
                f"{code} has no address: no PV prefix is set for it. Set it in the site's settings "
                f"(NANOTERASU_PREFIX_{code}), or start its twin with 'nanoterasu twin {code}'."
            )
        self.prefix = prefix or ""
        self.simulated = simulated
        self.built: dict[str, Any] = {}

    @classmethod
    def lines(cls) -> Mapping[str, device[Any]]:
        """Lines of the table, in their order, by name."""
        return {name: line for name, line in vars(cls).items() if isinstance(line, device)}

    def devices(self) -> dict[str, Device]:
        """Every device of the table, built, by name."""
        return {name: getattr(self, name) for name in self.lines()}

    def connect(self, timeout: float = 10.0) -> None:
        """Build every device, then wait for all their connections at once.

        Raises
        ------
        ConnectionError
            Naming the devices that did not answer within ``timeout`` [s].
        """
        missing = []
        until = time.monotonic() + timeout
        for name, built in self.devices().items():
            try:
                built.wait_for_connection(timeout=max(until - time.monotonic(), 0.1))
            except TimeoutError:
                missing.append(name)
        if missing:
            raise ConnectionError(
                f"{type(self).__name__}: no answer within {timeout:g} s from "
                f"{', '.join(missing)} below {self.prefix!r}. Is the control system (or the twin: "
                f"'nanoterasu twin {type(self).__name__}') running and reachable from here?"
            )
