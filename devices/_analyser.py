"""Hemispherical electron analysers: spectra, and images of energy against angle."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.sim import FakeEpicsSignal, fake_device_cache
from ophyd.utils import LimitError

from ._electron_optics import (
    ACQUISITION_MODES,
    ENTRANCE_SLITS,
    LENS_MODES,
    PASS_ENERGIES,
    ElectronOptics,
    Lens,
)
from ._endings import GRACE, SLACK, Ending, guarded_put, lost
from ._frames import FrameDetector, Frames

DEFLECTION = 15.0  # deg to either side; assumed


class _Checked:
    """Check of a setting by the analyser whose it is."""

    name: str
    attr_name: str
    parent: Any

    def check_value(self, value: Any, **kwargs: Any) -> None:
        """Refuse what the analyser does not have.

        Raises
        ------
        LimitError
            With what it has.
        """
        self.parent.check_setting(self.attr_name, self.name, value)


class Setting(_Checked, EpicsSignal):
    """A setting of an analyser: checked before it is sent, done when the analyser has it."""

    def set(self, value: Any, **kwargs: Any) -> Ending:
        """Send ``value``; fails if the analyser does not take it."""
        self.check_value(value)

        def refused() -> str:
            has: Any = self.get(use_monitor=False)
            same = has == value if isinstance(value, str) else math.isclose(has, value)
            if same:
                return ""
            return (
                f"{self.name} stands at {has}, not at the {value} asked for: the analyser did not "
                "take it. Look at its own control program, then set it again."
            )

        return guarded_put(
            self, value, timeout=GRACE, during=f"while {self.name} was set", missing=refused
        )


class _FakeSetting(_Checked, FakeEpicsSignal):
    """What a simulated analyser has."""


# ophyd makes fakes of its own signal classes only: a simulated one would look for a real PV.
fake_device_cache[Setting] = _FakeSetting


def _setting(suffix: str, **more: Any) -> Any:
    return Cpt(Setting, suffix, kind=more.pop("kind", "config"), auto_monitor=True, **more)


class Analyser(Device):
    """Hemispherical electron analyser: one spectrum a trigger.

    In fixed mode the detector sees a window of kinetic energies about ``centre`` at once; in swept
    mode the energies from ``low`` to ``high`` pass over it, each for a dwell.

    A spectrum has as many values as there are energies.  bluesky (1.15) asks an object for its
    data keys once a run and stream, and `bluesky.plan_stubs.configure` makes a descriptor with the
    new configuration and the *old* shapes.  So a plan that changes the number of energies within
    a run (other channels, another length of region) writes each region into a stream of its own,
    ``bps.trigger_and_read([analyser], name="C 1s")``: a new stream asks anew.  Where the number
    stays, as when ``centre`` follows the photon energy, one stream holds all: ``energies`` is
    read with every event.

    Parameters
    ----------
    lens_modes
        By name: what the lens accepts and focuses.
    pass_energies : [eV]
        That there are.
    slits : [mm]
        Entrance slits that there are.

    Attributes
    ----------
    lens_mode : Setting
        One of ``lens_modes``.
    pass_energy : Setting
        One of ``pass_energies`` [eV].
    slit : Setting
        Width of the entrance slit, one of ``slits`` [mm].
    acquisition_mode : Setting
        ``"fixed"`` or ``"swept"``.
    centre : Setting
        Kinetic energy in the middle of the window [eV], in fixed mode.
    low, high, step : Setting
        Kinetic energies [eV], in swept mode.
    dwell : EpicsSignal
        Time [s] of the window, in fixed mode; of each energy, in swept mode.
    energies : EpicsSignalRO
        Kinetic energies of the spectrum, (n,) array [eV].
    spectrum : EpicsSignalRO
        Counts at ``energies``, summed over the angles, (n,) array.
    channels : EpicsSignalRO
        Energies that the detector tells apart in fixed mode [1].
    work_function : EpicsSignalRO
        Of the analyser [eV]: kinetic energy at the Fermi level is the photon energy less this.
    """

    lens_mode = _setting("LENS_MODE", string=True)
    pass_energy = _setting("PASS_ENERGY")
    slit = _setting("SLIT")
    acquisition_mode = _setting("MODE", string=True)
    centre = _setting("CENTRE")
    low = _setting("LOW")
    high = _setting("HIGH")
    step = _setting("STEP")
    acquire = Cpt(EpicsSignal, "cam1:Acquire", kind="omitted", auto_monitor=False)
    dwell = Cpt(EpicsSignal, "cam1:AcquireTime", kind="config", auto_monitor=True)
    channels = Cpt(EpicsSignalRO, "CHANNELS", kind="config", auto_monitor=True)
    work_function = Cpt(EpicsSignalRO, "WORK_FUNCTION", kind="config", auto_monitor=True)
    # Asked for at each reading: a monitor may come later than the end of the acquisition.
    energies = Cpt(EpicsSignalRO, "ENERGIES", kind="normal", auto_monitor=False)
    spectrum = Cpt(EpicsSignalRO, "SPECTRUM", kind="normal", auto_monitor=False)

    def __init__(
        self,
        prefix: str = "",
        *,
        lens_modes: Mapping[str, Lens] = LENS_MODES,
        pass_energies: Sequence[float] = PASS_ENERGIES,
        slits: Sequence[float] = ENTRANCE_SLITS,
        **kwargs: Any,
    ) -> None:
        super().__init__(prefix, **kwargs)
        self.lens_modes, self.pass_energies, self.slits = lens_modes, pass_energies, slits

    def choices(self) -> Mapping[str, Sequence[Any]]:
        """What may be chosen, by attribute."""
        return {
            "lens_mode": tuple(self.lens_modes),
            "acquisition_mode": ACQUISITION_MODES,
            "pass_energy": self.pass_energies,
            "slit": self.slits,
        }

    def check_setting(self, attribute: str, name: str, value: Any) -> None:
        """Refuse a ``value`` for the setting ``attribute``, called ``name``, by itself.

        What does not go together is refused when a spectrum is started, or rehearsed.

        Raises
        ------
        LimitError
            With what there is.
        """
        choices = self.choices()
        if attribute in choices:
            if value not in choices[attribute]:
                offered = ", ".join(f"{choice}" for choice in choices[attribute])
                raise LimitError(f"{name}: {value!r} is not there; choose one of {offered}.")
        elif isinstance(value, str) or not np.isscalar(value) or not np.isfinite(value):
            raise LimitError(f"{name}: {value!r} is not a setting; give a finite number.")

    def optics(self, planned: Mapping[str, Any] | None = None) -> ElectronOptics:
        """Settings as they stand, or as they will after those ``planned``, by data key."""
        after = planned or {}

        def value(signal: Any) -> Any:
            return after[signal.name] if signal.name in after else signal.get()

        return ElectronOptics(
            lens_mode=str(value(self.lens_mode)),
            pass_energy=float(value(self.pass_energy)),
            acquisition_mode=str(value(self.acquisition_mode)),
            centre=float(value(self.centre)),
            low=float(value(self.low)),
            high=float(value(self.high)),
            step=float(value(self.step)),
        )

    def rehearse_trigger(self, planned: Mapping[str, Any]) -> tuple[float, int]:
        """Check a spectrum after the settings ``planned``; give its time [s] and frames [byte]."""
        optics = self.optics(planned)
        optics.check(self.name, self.lens_modes)
        dwell = float(planned.get(self.dwell.name, self.dwell.get()))
        return dwell * (optics.steps() if optics.swept else 1), 0

    @property
    def trigger_time(self) -> float:
        """Time [s] that a trigger takes."""
        return self.rehearse_trigger({})[0]

    def trigger(self) -> Ending:
        """Take one spectrum; fails if the IOC goes away meanwhile."""
        if not self.acquire.connected:
            raise lost(self.acquire, f"before {self.name} could count")
        limit = GRACE + SLACK * self.trigger_time
        return guarded_put(self.acquire, 1, timeout=limit, during=f"while {self.name} counted")

    def stop(self, *, success: bool = False) -> None:
        """End the spectrum."""
        self.acquire.put(0, wait=False)

    def describe(self) -> Any:
        """Data keys: the energies and the spectrum, with their units."""
        own: Any = super().describe()
        own[self.energies.name] |= {"units": "eV", "dims": ["energy"]}
        own[self.spectrum.name] |= {"units": "counts", "dims": ["energy"]}
        return own


class ImagingAnalyser(FrameDetector, Analyser):
    """Analyser whose frames, of angles by energies, go to a file of their own.

    A file holds frames of one shape: the number of energies and the binning stay from `stage` to
    `unstage`, so a plan sets the analyser before it stages it.  Binning joins angles in both
    modes, and energies in fixed mode.

    Attributes
    ----------
    angles : EpicsSignalRO
        Along the entrance slit, of the rows of a frame, (m,) array [deg].
    deflector : Setting
        Angle across the slit [deg] at which the deflector looks.
    slit_direction : EpicsSignalRO
        ``"vertical"`` or ``"horizontal"``: how the slit stands in the laboratory.
    """

    angles = Cpt(EpicsSignalRO, "ANGLES", kind="normal", auto_monitor=False)
    deflector = _setting("DEFLECTOR", kind="normal")
    slit_direction = Cpt(
        EpicsSignalRO, "SLIT_DIRECTION", kind="config", auto_monitor=True, string=True
    )

    def check_setting(self, attribute: str, name: str, value: Any) -> None:
        """Refuse a setting by itself; also a deflection that the lens cannot make."""
        super().check_setting(attribute, name, value)
        if attribute == "deflector" and abs(value) > DEFLECTION:
            raise LimitError(
                f"{name}: {value:g} deg is beyond the deflector's {DEFLECTION:g} deg to either "
                "side. Turn the sample for larger angles."
            )

    def rehearse_trigger(self, planned: Mapping[str, Any]) -> tuple[float, int]:
        """Check a frame after the settings ``planned``; give its time [s] and size [byte]."""
        seconds, _ = super().rehearse_trigger(planned)
        optics = self.optics(planned)
        binning = int(planned.get(self.binning.name, self.binning.get()))
        columns = optics.steps() if optics.swept else int(self.channels.get()) // binning
        rows = int(self.rows.get()) * int(self.binning.get()) // binning
        return seconds, rows * columns * np.dtype(self._dtype()).itemsize

    @property
    def trigger_time(self) -> float:
        """Time [s] that a trigger takes."""
        return self.rehearse_trigger({})[0]

    def check_prepare(self, frames: Frames) -> None:
        """Refuse a burst without frames, and one of swept spectra, which are triggered singly."""
        super().check_prepare(frames)
        if self.optics().swept:
            raise LimitError(
                f"{self.name}: a burst of frames is taken in fixed mode; set "
                f"{self.acquisition_mode.name} to 'fixed', or trigger each spectrum."
            )

    def describe(self) -> Any:
        """Data keys: frames, their sum, and the axes."""
        own: Any = super().describe()
        own[self.angles.name] |= {"units": "deg", "dims": ["angle"]}
        own[self.deflector.name]["units"] = "deg"
        return own

    def describe_collect(self) -> dict[str, Any]:
        """Data key of the frames."""
        own = super().describe_collect()
        own[self.name]["dims"] = ["angle", "energy"]
        return own
