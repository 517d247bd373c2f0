"""Inelastic scattering over BL02U's twin: what the plans record, and what they refuse first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import h5py
import numpy as np
import pytest
from bluesky import RunEngine
from ophyd.utils import LimitError

from nanoterasu.analysis import rixs as reduction
from nanoterasu.beamlines.bl02u import BL02U
from nanoterasu.plans import (
    Reference,
    Region,
    SamplePosition,
    dry_run,
    elastic_reference,
    momentum,
    rixs,
    rixs_map,
    rixs_momentum,
)
from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system

INCIDENT = 706.8  # eV, Fe L3
BINNING = 8
EDGE = "Fe L3"


@pytest.fixture(scope="module")
def beamline(
    twin_of: Callable[[str], TwinProcess], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    connected = BL02U(twin_of("BL02U").prefix)
    connected.connect()
    detector = connected.rixs_detector
    detector.folder = tmp_path_factory.mktemp("frames")
    binning, pitch = detector.binning.get(), connected.spectrometer.pitch.position
    detector.binning.put(BINNING, wait=True)
    centre = connected.spectrometer.pitch_for(INCIDENT)
    connected.spectrometer.pitch.set(centre).wait(20)
    yield connected
    connected.spectrometer.pitch.set(pitch).wait(20)
    connected.spectrometer.mode.put("spectrum", wait=True)
    detector.binning.put(binning, wait=True)
    for built in connected.devices().values():
        built.destroy()


class Documents:
    """What a run emitted."""

    def __init__(self, emitted: list[tuple[str, Any]]) -> None:
        self.emitted = emitted

    def of(self, kind: str) -> list[Any]:
        return [document for name, document in self.emitted if name == kind]

    def column(self, key: str) -> np.ndarray:
        return np.array([event["data"][key] for event in self.of("event")])

    @property
    def start(self) -> dict[str, Any]:
        (found,) = self.of("start")
        return found

    @property
    def mode(self) -> str:
        (descriptor,) = self.of("descriptor")
        return descriptor["configuration"]["spectrometer"]["data"]["spectrometer_mode"]

    def frames(self) -> np.ndarray:
        (resource,) = self.of("stream_resource")
        with h5py.File(resource["uri"].removeprefix("file://localhost")) as file:
            data: Any = file[resource["parameters"]["dataset"]]
            return data[: len(self.of("event"))]


@pytest.fixture(scope="module")
def run() -> Callable[[Any], Documents]:
    engine = RunEngine({}, context_managers=[])

    def run_it(plan: Any) -> Documents:
        emitted: list[tuple[str, Any]] = []
        engine(plan, lambda name, document: emitted.append((name, document)))
        return Documents(emitted)

    return run_it


def common(beamline: Any) -> dict[str, Any]:
    return {"edge": EDGE, "spectrometer": beamline.spectrometer, "dwell": 5.0}


def detectors(beamline: Any) -> list[Any]:
    return [beamline.rixs_detector, beamline.i0, beamline.ring]


def tape(beamline: Any, exposures: int = 1) -> Reference:
    return Reference(
        beamline.sample,
        there=SamplePosition("carbon tape", {"y": 8.0}),
        back=SamplePosition("oxide", {"y": 0.0}),
        exposures=exposures,
    )


def test_an_elastic_series_shows_a_line_that_follows_the_energy(
    beamline: Any, run: Callable[..., Documents]
) -> None:
    energies = [INCIDENT - 0.8, INCIDENT, INCIDENT + 0.8]
    plan = elastic_reference(
        detectors(beamline),
        beamline.energy,
        energies,
        reference=tape(beamline),
        **common(beamline),
    )
    assert dry_run(plan).events == 3
    found = run(plan)
    assert found.column("energy") == pytest.approx(energies, abs=0.01)
    assert found.column("sample_y") == pytest.approx(8.0, abs=1e-3)
    assert beamline.sample.y.position == pytest.approx(0.0, abs=1e-3)
    frames, _ = reduction.without_cosmics(found.frames())
    centres = [reduction.elastic_line(frame.sum(axis=0)).centre for frame in frames]
    assert np.all(np.diff(centres) > 20)


def test_a_spectrum_keeps_the_books_of_each_exposure(
    beamline: Any, run: Callable[..., Documents]
) -> None:
    plan = rixs(
        detectors(beamline),
        beamline.energy,
        INCIDENT,
        exposures=3,
        reference=tape(beamline),
        **common(beamline),
    )
    expected = dry_run(plan)
    assert expected.events == 5
    assert expected.nbytes == 5 * beamline.rixs_detector.frame_bytes
    found = run(plan)
    kinds = ["reference", "sample", "sample", "sample", "reference"]
    assert found.start["exposures"] == kinds
    on_tape = found.column("sample_y") > 4.0
    assert [{True: "reference", False: "sample"}[bool(each)] for each in on_tape] == kinds
    assert np.all(found.column("i0") > 0)
    assert np.all(found.column("ring_current") > 300)
    assert np.all(np.diff([event["time"] for event in found.of("event")]) > 0)
    totals = found.frames().sum(axis=(1, 2))
    assert totals.tolist() == found.column("rixs_detector_total").tolist()
    assert found.mode == "spectrum"


@pytest.mark.parametrize("mode", ["imaging", "hv2"])
def test_a_mode_is_set_and_kept_in_the_configuration(
    beamline: Any, run: Callable[..., Documents], mode: Any
) -> None:
    found = run(
        rixs(
            detectors(beamline),
            beamline.energy,
            INCIDENT,
            exposures=1,
            mode=mode,
            **common(beamline),
        )
    )
    assert found.mode == found.start["mode"] == mode
    # Each of them lights fewer rows than the plain spectrum, which fills the detector.
    rows = reduction.without_cosmics(found.frames())[0][0].sum(axis=1)
    edge = rows[:16].sum() + rows[-16:].sum()
    assert edge < 0.05 * rows.sum()


def test_a_map_has_an_event_for_each_energy_and_exposure(
    beamline: Any, run: Callable[..., Documents]
) -> None:
    plan = rixs_map(
        detectors(beamline),
        beamline.energy,
        [Region(INCIDENT - 0.4, INCIDENT + 0.4, 0.4)],
        exposures=2,
        **common(beamline),
    )
    assert dry_run(plan).events == 6
    energies = np.repeat([INCIDENT - 0.4, INCIDENT, INCIDENT + 0.4], 2)
    assert run(plan).column("energy") == pytest.approx(energies, abs=0.01)


def q_plan(beamline: Any, momenta: list[float]) -> Any:
    return rixs_momentum(
        detectors(beamline),
        beamline.energy,
        INCIDENT,
        theta=beamline.sample.theta,
        two_theta=(beamline.spectrometer.two_theta, 150.0),
        momenta=momenta,
        **common(beamline),
    )


def test_momenta_are_those_of_the_angles_that_were_read(
    beamline: Any, run: Callable[..., Documents]
) -> None:
    asked = [0.0, 0.1]
    found = run(q_plan(beamline, asked))
    angles = zip(found.column("sample_theta"), found.column("spectrometer_two_theta"), strict=True)
    had = [momentum(INCIDENT, float(theta), float(arm)) for theta, arm in angles]
    assert had == pytest.approx(asked, abs=2e-4)
    assert [each["q"] for each in found.start["momenta"]] == asked
    assert "two_theta" in found.start["momentum_formula"]
    beamline.sample.theta.set(0.0).wait(20)


def test_what_cannot_be_is_refused_before_anything_moves(
    beamline: Any, run: Callable[..., Documents]
) -> None:
    before = beamline.energy.position
    one = {"exposures": 1, **common(beamline)}
    mode: Any = "image"
    with pytest.raises(LimitError, match="'image' is no mode; say one of spectrum, imaging, hv2"):
        run(rixs(detectors(beamline), beamline.energy, INCIDENT + 5, mode=mode, **one))
    with pytest.raises(LimitError, match="outside this beamline's 250 to 2000 eV"):
        run(rixs(detectors(beamline), beamline.energy, 2100.0, **one))
    with pytest.raises(ValueError, match=r"beyond the .* that light of 706\.8 eV"):
        run(q_plan(beamline, [0.0, 2.0]))
    with pytest.raises(LimitError, match="brings no 300 eV to a detector"):
        beamline.spectrometer.pitch_for(300.0)
    assert beamline.energy.position == before
