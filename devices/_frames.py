"""Area detectors whose IOC writes the frames to a file: one code path for step and fly scans.

The PVs are those of EPICS areaDetector (cam1, HDF1, Stats1), of which this needs some twenty; the
documents name the file and the range of frames in it (stream resource, stream datum).
"""

from __future__ import annotations

from typing import Any, Protocol

from ophyd import Component as Cpt
from ophyd import EpicsSignal
from ophyd.status import Status
from ophyd.utils import LimitError

from ._endings import GRACE, SLACK, Ending, guarded_put, lost
from ._frame_file import WritesFrames, reading, setting

_MULTIPLE = 1  # cam1:ImageMode


class Frames(Protocol):
    """A burst of frames, as a plan asks for it.

    Attributes
    ----------
    number : int
    dwell : float [s]
        Exposure of a frame.
    triggered : bool
        By another device's pulses, one a frame; else by the detector's own clock.
    duration : float [s]
    """

    @property
    def number(self) -> int: ...
    @property
    def dwell(self) -> float: ...
    @property
    def triggered(self) -> bool: ...
    @property
    def duration(self) -> float: ...


class FrameDetector(WritesFrames):
    """Area detector; its data key is its own name, one frame an event.

    ``trigger`` takes one frame; ``prepare`` a number of `Frames`, ``kickoff`` and ``complete`` fly.
    A frame is told of when the IOC says that it is in the file.

    Parameters
    ----------
    units
        Of a pixel.

    Attributes
    ----------
    dwell : EpicsSignal
        Exposure of a frame [s].
    binning : EpicsSignal
        Pixels that are added up in both directions [1].
    total : EpicsSignalRO
        Sum of the last frame, in ``units``.
    folder : Path or None
        Where the files go; a session sets that of its beamtime.
    """

    acquire = Cpt(EpicsSignal, "cam1:Acquire", kind="omitted", auto_monitor=False)
    dwell = setting("cam1:AcquireTime", kind="config")
    binning = setting("cam1:BinX", kind="config")
    binning_y = setting("cam1:BinY")
    images = setting("cam1:NumImages")
    image_mode = setting("cam1:ImageMode")
    trigger_mode = setting("cam1:TriggerMode")
    wait_for_file = setting("cam1:WaitForPlugins")
    total = reading("Stats1:Total_RBV", kind="hinted")

    def __init__(self, prefix: str = "", **kwargs: Any) -> None:
        super().__init__(prefix, **kwargs)
        self._duration = 0.0  # s, of the burst that was prepared
        self._asked = 0  # frames
        self._flight: Ending | None = None

    @property
    def trigger_time(self) -> float:
        """Time [s] that a trigger takes."""
        return float(self.dwell.get())

    def stage(self) -> list[object]:
        """Open a file of its own in `folder`, for one frame a trigger.

        Raises
        ------
        RuntimeError
            If no folder is set, or the IOC cannot write there.
        """
        staged = super().stage()
        for signal, value in (
            (self.images, 1),
            (self.image_mode, _MULTIPLE),
            (self.trigger_mode, 0),
            (self.wait_for_file, 1),
        ):
            signal.put(value, wait=True, timeout=GRACE)
        self._asked, self._flight = 0, None
        return staged

    def unstage(self) -> list[object]:
        """End what is under way and close the file."""
        self.acquire.put(0, wait=False)
        return super().unstage()

    def check_prepare(self, frames: Frames) -> None:
        """Refuse a burst of no frames, or of no time.

        Raises
        ------
        LimitError
            Saying which.
        """
        if frames.number < 1 or not frames.dwell > 0:
            raise LimitError(
                f"{self.name}: {frames.number} frames of {frames.dwell:g} s asked for; give at "
                "least one, of a positive exposure."
            )

    def prepare(self, frames: Frames) -> Status:
        """Set number, exposure and trigger of a burst."""
        self.check_prepare(frames)
        for signal, value in (
            (self.dwell, frames.dwell),
            (self.images, frames.number),
            (self.trigger_mode, int(frames.triggered)),
        ):
            signal.put(value, wait=True, timeout=GRACE)
        self._asked, self._duration = self._asked + frames.number, frames.duration
        return _ended(self)

    def trigger(self) -> Ending:
        """Take one frame; fails if it does not reach the file."""
        self._asked += 1
        return self._acquire(self.trigger_time)

    def kickoff(self) -> Status:
        """Start, or arm, the burst that was prepared."""
        self._flight = self._acquire(self._duration)
        return _ended(self)

    def complete(self) -> Ending:
        """Status that ends with the burst."""
        if self._flight is None:
            raise RuntimeError(f"{self.name}: nothing was started; call kickoff() first.")
        return self._flight

    def _acquire(self, seconds: float) -> Ending:
        if not self.acquire.connected:
            raise lost(self.acquire, f"before {self.name} could expose")
        return guarded_put(
            self.acquire,
            1,
            timeout=GRACE + SLACK * seconds,
            during=f"while {self.name} exposed",
            missing=self._missing,
        )

    def _missing(self) -> str:
        there = int(self.written.get())
        if there >= self._asked:
            return ""
        return (
            f"{self.name}: {there} frames are in its file of the {self._asked} asked for "
            f"({self.write_message.get() or 'its IOC gives no reason'}). Those are kept; look at "
            "the IOC and its disk, then measure again."
        )

    def stop(self, *, success: bool = False) -> None:
        """End the exposure."""
        self.acquire.put(0, wait=False)

    def describe(self) -> Any:
        """Data keys: the frames and their sum."""
        own = super().describe()
        own[self.total.name]["units"] = self.units
        return own


def _ended(device: FrameDetector) -> Status:
    status = Status(obj=device)
    status.set_finished()
    return status
