"""Operando: a programme of environments, beside a loop of spectra."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
from bluesky.utils import MsgGenerator

from ._binding import BindingRegion
from ._environment_log import EnvironmentLog
from ._rehearsal import rehearsed
from ._units import ElectronVolts
from .xas import Axis
from .xps import Spectrometer, checked_regions, sweep_over, xps_metadata

__all__ = ["EnvironmentStep", "operando"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EnvironmentStep:
    """One step of a programme: what is set, and how many spectra are taken meanwhile.

    Attributes
    ----------
    spectra : int
        Taken in this step; the step ends when they are taken and every axis has arrived.
    settings : sequence of (axis, value)
        Set in this order; axes that ramp move together, beside the spectra.
    arrive_first : bool
        Whether the first spectrum waits for the axes.

    Raises
    ------
    ValueError
        If there are no spectra, or a setting is no pair.
    """

    spectra: int
    settings: Sequence[tuple[Any, Any]] = ()
    arrive_first: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.spectra, int) or self.spectra < 1:
            raise ValueError(f"spectra={self.spectra!r}: a step takes a whole number, at least 1.")
        if not all(isinstance(each, tuple) and len(each) == 2 for each in self.settings):
            raise ValueError(
                "settings: give pairs of axis and value, as [(sample.temperature, 600.0)]."
            )

    def asdict(self) -> dict[str, Any]:
        """Return what the start document says of it."""
        return {
            "spectra": self.spectra,
            "settings": [[axis.name, value] for axis, value in self.settings],
            "arrive_first": self.arrive_first,
        }


class _Programme:
    """Where a programme has got to, and when, read after each spectrum."""

    name = "programme"
    parent = None

    def __init__(self, analyser: Spectrometer) -> None:
        self.step = self.spectrum = 0
        self._spectrum = analyser.spectrum

    def describe(self) -> dict[str, Any]:
        """Data keys of step, spectrum and the instant [s]."""
        key = {"source": "plan", "dtype": "integer", "dtype_numpy": "<i8", "shape": []}
        stamp = {"source": "time stamp of the control system", "dtype": "number", "shape": []}
        return {
            "programme_step": {**key},
            "programme_spectrum": {**key},
            "spectrum_time": stamp | {"dtype_numpy": "<f8", "units": "s"},
        }

    def read(self) -> dict[str, Any]:
        """Step, spectrum, and when the spectrum was there."""
        values = {
            "programme_step": self.step,
            "programme_spectrum": self.spectrum,
            "spectrum_time": self._spectrum.timestamp,
        }
        now = time.time()
        return {name: {"value": value, "timestamp": now} for name, value in values.items()}


@rehearsed
def operando(
    analyser: Spectrometer,
    energy: Axis,
    region: BindingRegion | str,
    steps: Sequence[EnvironmentStep],
    *,
    photon_energy: ElectronVolts,
    environment: Sequence[Any],
    pass_energy: ElectronVolts | None = None,
    start_at: tuple[int, int] = (0, 0),
    detectors: Sequence[Any] = (),
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Take spectra of one region while the environment of the sample goes through a programme.

    After an abort the plan says where it had got to; so does the last event.  Given that as
    ``start_at``, it brings the environment to where the programme would have it and goes on.

    Parameters
    ----------
    analyser, energy, photon_energy, pass_energy, detectors, md
        As for `xps_regions`.
    region
        Of each spectrum: its sweeps are events of their own.
    steps
        Of the programme, in order.
    environment
        Axes and signals that are logged: ``[sample.temperature, gas_cell.pressure]``.
    start_at
        Step and spectrum to begin with, both counted from 0.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event a sweep, with ``programme_step`` and
        ``programme_spectrum``, the environment at its end, and that end in ``spectrum_time``;
        ``environment`` one row for each change of the environment, at ``environment_time``.  Both
        times [s, Unix] are the control system's.  The start document says in ``started_at``
        where the run began.

    Examples
    --------
    ``operando(analyser, energy, "Fe 2p3/2", [EnvironmentStep(20, [(gas_cell.oxygen, 5.0)])],
    photon_energy=1000.0, environment=[gas_cell.oxygen, gas_cell.pressure])``
    """
    (chosen,) = checked_regions([region])
    first, skipped = _checked(steps, start_at)
    if len(environment) == 0:
        raise ValueError("environment is empty: give what is to be logged, as [gas_cell.pressure].")
    about = {
        **xps_metadata(analyser, [chosen], photon_energy),
        "technique": "operando XPS",
        "programme": [step.asdict() for step in steps],
        "started_at": [first, skipped],
        "hints": {"dimensions": [(["time"], "primary")]},
        **dict(md or {}),
    }
    chosen.kinetic(photon_energy, about["work_function"])
    programme = _Programme(analyser)
    log: Any = EnvironmentLog(environment)
    read = [analyser, programme, *environment, *detectors]

    def spectra() -> MsgGenerator[None]:
        yield from bps.mv(energy, photon_energy)
        yield from sweep_over(analyser, chosen, about, pass_energy)
        yield from _settle(steps[:first])
        for number, step in enumerate(steps[first:], start=first):
            programme.step, programme.spectrum = number, skipped if number == first else 0
            group = f"step {number}"
            if step.arrive_first:
                yield from _send(step, group)
                yield from bps.wait(group=group)
            while programme.spectrum < step.spectra:
                for _ in range(chosen.sweeps):
                    yield from bps.checkpoint()
                    # Again each time: who paused the plan has stopped the ramps.
                    yield from _send(step, group)
                    yield from bps.trigger_and_read(read)
                    yield from bps.collect(log, name="environment", return_payload=False)
                programme.spectrum += 1
            yield from bps.wait(group=group)

    def told() -> MsgGenerator[None]:
        try:
            yield from spectra()
        except Exception as error:
            at = (programme.step, programme.spectrum)
            said = (
                f"operando ended in step {at[0]}, before its spectrum {at[1]} was complete. To go "
                f"on from there, give start_at={at}."
            )
            error.add_note(said)
            _log.warning(said)
            raise

    def last_rows() -> MsgGenerator[None]:
        yield from bps.complete(log, wait=True)
        yield from bps.collect(log, name="environment", return_payload=False)

    @bpp.stage_decorator([analyser, *detectors])
    @bpp.run_decorator(md=about)
    def measure() -> MsgGenerator[Any]:
        yield from bps.declare_stream(log, name="environment", collect=True)
        yield from bps.kickoff(log, wait=True)
        yield from bpp.finalize_wrapper(told(), last_rows)

    return (yield from measure())


def _checked(steps: Sequence[EnvironmentStep], start_at: tuple[int, int]) -> tuple[int, int]:
    if len(steps) == 0:
        raise ValueError("steps is empty: give at least one EnvironmentStep(spectra, settings).")
    first, skipped = start_at
    if not 0 <= first < len(steps) or not 0 <= skipped < steps[first].spectra:
        counts = ", ".join(str(step.spectra) for step in steps)
        raise ValueError(
            f"start_at={start_at!r}: the programme has {len(steps)} steps, of {counts} spectra; "
            "both are counted from 0. Choose a step and a spectrum of it."
        )
    return first, skipped


def _send(step: EnvironmentStep, group: str) -> MsgGenerator[None]:
    """Set what a step sets: a ramp begins, anything else is waited for."""
    for axis, value in step.settings:
        if hasattr(axis, "travel_time"):
            yield from bps.abs_set(axis, value, group=group)
        else:
            yield from bps.mv(axis, value)


def _settle(before: Sequence[EnvironmentStep]) -> MsgGenerator[None]:
    """Bring the environment to where the steps ``before`` have left it."""
    last = {axis: value for step in before for axis, value in step.settings}
    if last:
        yield from _send(EnvironmentStep(1, list(last.items())), "before")
        yield from bps.wait(group="before")
