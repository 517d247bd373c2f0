"""Which pixels an image is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

from ._units import Micrometres, Seconds


@dataclass(frozen=True, slots=True)
class Raster:
    """An image flown line by line; with one line, a line scan.

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

    >>> Raster(-1.0, 1.0, -1.0, 1.0, 21, 21, 1e-3).speed
    100.0
    """

    x_start: Micrometres
    x_stop: Micrometres
    y_start: Micrometres
    y_stop: Micrometres
    columns: int
    lines: int
    dwell: Seconds
    image: int = 0

    @classmethod
    def around(
        cls,
        centre: tuple[Micrometres, Micrometres],
        size: tuple[Micrometres, Micrometres],
        *,
        pixel: Micrometres,
        dwell: Seconds,
    ) -> Raster:
        """Return the raster of an area; its size is rounded to whole pixels.

        Raises
        ------
        ValueError
            If the area holds no two pixels along x, or a number is none.

        >>> Raster.around((0.0, 0.0), (2.0, 1.0), pixel=0.5, dwell=1e-3).columns
        5
        """
        numbers = (*centre, *size, pixel, dwell)
        if not all(isinstance(each, Real) and math.isfinite(each) for each in numbers):
            raise ValueError(
                f"centre={centre}, size={size}, pixel={pixel}, dwell={dwell}: these are lengths "
                "[um] and a time [s]; give finite numbers."
            )
        if not (pixel > 0 and dwell > 0 and size[0] >= pixel and size[1] >= 0):
            raise ValueError(
                f"size={size} um in pixels of {pixel:g} um and {dwell:g} s is no image; give a "
                "positive pixel and dwell, and a width of at least one pixel."
            )
        columns, lines = (round(each / pixel) + 1 for each in size)
        half = [(count - 1) * pixel / 2 for count in (columns, lines)]
        (x, y), (dx, dy) = centre, half
        return cls(x - dx, x + dx, y - dy, y + dy, columns, lines, dwell)

    @property
    def points(self) -> int:
        """Pixels of all lines."""
        return self.columns * self.lines

    @property
    def pixel(self) -> tuple[float, float]:
        """Distance of pixels along x and y [um]."""
        return (
            abs(self.x_stop - self.x_start) / max(self.columns - 1, 1),
            abs(self.y_stop - self.y_start) / max(self.lines - 1, 1),
        )

    @property
    def speed(self) -> float:
        """Speed along x [um/s]."""
        return self.pixel[0] / self.dwell

    @property
    def duration(self) -> float:
        """Time of all pixels [s], without the turns between lines."""
        return self.points * self.dwell
