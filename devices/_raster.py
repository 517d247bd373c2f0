"""Raster scan: a fine stage flown line by line while the counters integrate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.utils import LimitError

from ._helicity import HelicitySwitch
from ._positioners import Motor
from ._timed import TimedScan
from ._zone_plate import ZonePlate


class Raster(Protocol):
    """An image, or with one line a line scan, as a plan asks for it.

    Attributes
    ----------
    x_start, x_stop, y_start, y_stop : float [um]
        Middle of the first and of the last pixel.
    columns, lines : int
        Pixels along x, which is flown, and along y, which is stepped.
    dwell : float [s]
        Integration time of a pixel.
    image : int
        Number that every row carries.
    points : int
        Pixels of all lines.
    pixel : (2,) tuple of float [um]
        Distance of pixels along x and y.
    speed : float [um/s]
        Along x.
    """

    @property
    def x_start(self) -> float: ...
    @property
    def x_stop(self) -> float: ...
    @property
    def y_start(self) -> float: ...
    @property
    def y_stop(self) -> float: ...
    @property
    def columns(self) -> int: ...
    @property
    def lines(self) -> int: ...
    @property
    def dwell(self) -> float: ...
    @property
    def image(self) -> int: ...
    @property
    def points(self) -> int: ...
    @property
    def pixel(self) -> tuple[float, float]: ...
    @property
    def speed(self) -> float: ...


def turn_time(
    length: float, velocity: float, acceleration: float, settle: float, dwell: float
) -> float:
    """Time [s] from the end of a line to the beginning of the next: a whole number of dwells.

    Parameters
    ----------
    length : float [um]
        That the stage flies back.
    velocity : float [um/s]
    acceleration, settle : float [s]
        From rest to a speed, and after a step of the slow axis.
    dwell : float [s]

    >>> round(turn_time(10.0, 1000.0, 0.005, 0.01, 0.008), 6)
    0.032
    """
    return math.ceil((2.0 * acceleration + length / velocity + settle) / dwell - 1e-9) * dwell


class FineStage(Device):
    """Piezo stage of a microscope's sample.

    Attributes
    ----------
    x, y : Motor
        Across the beam and up [um].
    resolution : EpicsSignalRO
        Smallest step that it resolves [um].
    """

    x = Cpt(Motor, "X", units="um", tolerance=0.005)
    y = Cpt(Motor, "Y", units="um", tolerance=0.005)
    resolution = Cpt(EpicsSignalRO, "RESOLUTION", kind="config", auto_monitor=True)


class CoarseStage(Device):
    """Stage under a fine one.

    Attributes
    ----------
    x, y, z : Motor
        Across the beam, up, along the beam [mm].
    """

    x = Cpt(Motor, "X", units="mm")
    y = Cpt(Motor, "Y", units="mm")
    z = Cpt(Motor, "Z", units="mm")


class RasterScan(TimedScan):
    """Flies a fine stage at constant velocity along x, line by line, and records every pixel.

    A row is a pixel, in the order of time: where the stage and the zone plate were read back
    [um], the energy [eV], I0 and the transmission [A], the helicity (+1, -1, or 0 for light that
    is not circular) and the number of the image.

    Parameters
    ----------
    fine_stage
        What flies; its x and y are columns.
    zone_plate
        Its z is a column.
    switch
        What switches the helicity, if the beamline has one.
    """

    x_start = Cpt(EpicsSignal, "XSTART", kind="config", auto_monitor=True)
    x_stop = Cpt(EpicsSignal, "XSTOP", kind="config", auto_monitor=True)
    pixels = Cpt(EpicsSignal, "COLUMNS", kind="config", auto_monitor=True)
    y_start = Cpt(EpicsSignal, "YSTART", kind="config", auto_monitor=True)
    y_stop = Cpt(EpicsSignal, "YSTOP", kind="config", auto_monitor=True)
    lines = Cpt(EpicsSignal, "LINES", kind="config", auto_monitor=True)
    dwell = Cpt(EpicsSignal, "DWELL", kind="config", auto_monitor=True)
    image = Cpt(EpicsSignal, "IMAGE", kind="omitted", auto_monitor=True)
    settle = Cpt(EpicsSignalRO, "SETTLE", kind="config", auto_monitor=True)
    rows_x = Cpt(EpicsSignalRO, "X", kind="omitted", auto_monitor=False)
    rows_y = Cpt(EpicsSignalRO, "Y", kind="omitted", auto_monitor=False)
    rows_z = Cpt(EpicsSignalRO, "Z", kind="omitted", auto_monitor=False)
    rows_energy = Cpt(EpicsSignalRO, "ENERGY", kind="omitted", auto_monitor=False)
    rows_i0 = Cpt(EpicsSignalRO, "I0", kind="omitted", auto_monitor=False)
    rows_transmission = Cpt(EpicsSignalRO, "TRANSMISSION", kind="omitted", auto_monitor=False)
    rows_helicity = Cpt(EpicsSignalRO, "HELICITY", kind="omitted", auto_monitor=False)
    rows_image = Cpt(EpicsSignalRO, "NUMBER", kind="omitted", auto_monitor=False)

    POINTS_MAX = 250_000
    COLUMNS_MAX = 4_000
    PATTERN = "Raster"
    DOING = "flew its lines"

    def __init__(
        self,
        prefix: str = "",
        *,
        fine_stage: FineStage,
        zone_plate: ZonePlate,
        switch: HelicitySwitch | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(prefix, **kwargs)
        self.fine_stage, self.zone_plate, self.switch = fine_stage, zone_plate, switch

    def columns(self) -> Mapping[str, tuple[EpicsSignalRO, str]]:
        """Signal and unit of each column, by its name."""
        return {
            self.fine_stage.x.name: (self.rows_x, "um"),
            self.fine_stage.y.name: (self.rows_y, "um"),
            self.zone_plate.z.name: (self.rows_z, "um"),
            "energy": (self.rows_energy, "eV"),
            "i0": (self.rows_i0, "A"),
            "transmission": (self.rows_transmission, "A"),
            "helicity": (self.rows_helicity, ""),
            "image": (self.rows_image, ""),
        }

    def flight_time(self, pattern: Raster) -> float:
        """Time [s] of all lines and of the turns between them."""
        x = self.fine_stage.x
        turn = turn_time(
            abs(pattern.x_stop - pattern.x_start),
            float(x.velocity.get()),
            float(x.acceleration.get()),
            float(self.settle.get()),
            pattern.dwell,
        )
        return pattern.lines * (pattern.columns * pattern.dwell + turn)

    def check_prepare(self, pattern: Raster) -> None:
        """Refuse an image that the stage cannot do.

        Raises
        ------
        LimitError
            Naming the limit.
        """
        if not 2 <= pattern.columns <= self.COLUMNS_MAX or pattern.lines < 1:
            raise LimitError(
                f"{self.name}: {pattern.lines} lines of {pattern.columns} pixels asked for; it "
                f"flies at least one line, of 2 to {self.COLUMNS_MAX} pixels."
            )
        if pattern.points > self.POINTS_MAX:
            raise LimitError(
                f"{self.name}: an image of {pattern.points} pixels asked for; it records up to "
                f"{self.POINTS_MAX}. Take larger pixels or a smaller area."
            )
        if not pattern.dwell > 0:
            raise LimitError(f"{self.name}: a dwell of {pattern.dwell:g} s is not positive.")
        self._check_speed(pattern)
        ahead = pattern.speed * float(self.fine_stage.x.acceleration.get())
        ends = sorted((pattern.x_start, pattern.x_stop))
        self._check_within(self.fine_stage.x, ends[0] - ahead, ends[1] + ahead)
        self._check_within(self.fine_stage.y, *sorted((pattern.y_start, pattern.y_stop)))
        if self.switch is not None:
            self.switch.check_dwell(pattern.dwell)

    def _check_speed(self, pattern: Raster) -> None:
        finest = float(self.fine_stage.resolution.get())
        steps = [size for size, n in zip(pattern.pixel, (2, pattern.lines), strict=True) if n > 1]
        if min(steps) < finest:
            raise LimitError(
                f"{self.name}: pixels of {min(steps):.3g} um are finer than the {finest:g} um that "
                f"{self.fine_stage.name} resolves; take larger ones."
            )
        fastest = float(self.fine_stage.x.velocity.get())
        if pattern.speed > fastest:
            raise LimitError(
                f"{self.name}: {pattern.speed:.3g} um/s is faster than {self.fine_stage.x.name}'s "
                f"{fastest:g} um/s; take a longer dwell or smaller pixels."
            )

    def _check_within(self, axis: Motor, low: float, high: float) -> None:
        limits = float(axis.low_limit_travel.get()), float(axis.high_limit_travel.get())
        if limits[0] < limits[1] and not limits[0] <= low <= high <= limits[1]:
            raise LimitError(
                f"{self.name}: {low:.4g} to {high:.4g} um, run-up included, is outside "
                f"{axis.name}'s {limits[0]:g} to {limits[1]:g} um. Take a smaller area, or bring "
                "its middle nearer by the coarse stage."
            )

    def _settings(self, pattern: Raster) -> Mapping[EpicsSignal, Any]:
        return {
            self.x_start: pattern.x_start,
            self.x_stop: pattern.x_stop,
            self.pixels: pattern.columns,
            self.y_start: pattern.y_start,
            self.y_stop: pattern.y_stop,
            self.lines: pattern.lines,
            self.dwell: pattern.dwell,
            self.image: pattern.image,
        }
