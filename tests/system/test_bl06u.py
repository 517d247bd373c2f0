"""BL06U's plans on its twin, at reduced size: what they record is what was asked, and physical."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
import h5py
import numpy as np
import pytest
from bluesky import RunEngine
from ophyd.utils import LimitError

from nanoterasu.analysis import arpes
from nanoterasu.beamlines.bl06u import BL06U
from nanoterasu.plans import (
    Cut,
    arpes_map,
    dry_run,
    fermi_surface,
    focus,
    kz_scan,
    temperature_series,
    tracked_rotation,
)
from nanoterasu.twin import TwinProcess
from nanoterasu.twin.physics import CRYSTAL, ECCENTRICITY, FOCUS_OFFSET, PHOTON_OFFSET

pytestmark = pytest.mark.system

LIGHT: dict[str, Any] = {"photon_energy": 100.0}
LEVEL = 100.0 + PHOTON_OFFSET - 4.4  # eV, kinetic
WINDOW = Cut(0.2, 20.0)
ROWS, COLUMNS = 600 // 8, 800 // 8


@pytest.fixture(scope="module")
def line(
    twin_of: Callable[[str], TwinProcess], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    connected = BL06U(twin_of("BL06U").prefix)
    connected.connect()
    connected.analyser.folder = tmp_path_factory.mktemp("frames")
    _at_rest(connected)
    connected.analyser.binning.put(8, wait=True)
    connected.optic.focus_offset.put(FOCUS_OFFSET, wait=True)
    connected.aperture.z.set(120.0).wait(20)
    connected.sample.temperature.rate.put(500.0, wait=True)
    yield connected
    _at_rest(connected)
    for built in connected.devices().values():
        built.destroy()


def _at_rest(line: Any) -> None:
    """Bring all back that a plan here, or the page before, has moved."""
    stage, sample, analyser = line.stage, line.sample, line.analyser
    for axis in (stage.x, stage.y, stage.z, sample.x, sample.y, sample.z, sample.theta):
        axis.set(0.0).wait(20)
    analyser.deflector.set(0.0).wait(10)
    analyser.binning.put(1, wait=True)
    line.optic.focus_offset.put(0.0, wait=True)
    sample.temperature.rate.put(500.0, wait=True)
    sample.temperature.set(300.0).wait(20)
    sample.temperature.rate.put(10.0, wait=True)


@pytest.fixture
def run(line: Any) -> Callable[[Any], tuple[list[dict[str, Any]], np.ndarray]]:
    """Run a plan; return its events' data, and the frames in the file that it names."""

    def run_it(plan: Any) -> tuple[list[dict[str, Any]], np.ndarray]:
        documents: list[tuple[str, Any]] = []
        RunEngine({}, context_managers=[])(plan, lambda *each: documents.append(each))
        (resource,) = [doc for name, doc in documents if name == "stream_resource"]
        with h5py.File(Path(resource["uri"].removeprefix("file://localhost"))) as file:
            dataset: Any = file[resource["parameters"]["dataset"]]
            return [doc["data"] for name, doc in documents if name == "event"], dataset[:]

    return run_it


def test_a_map_has_a_frame_a_point_and_tells_the_domains_apart(line: Any, run: Any) -> None:
    plan = arpes_map(
        line.analyser,
        line.focused_energy,
        WINDOW,
        x=line.stage.x,
        y=line.stage.y,
        columns=[-6.0, 8.0],
        rows=[-2.0, 2.0],
        **LIGHT,
    )
    expected = dry_run(plan)
    assert expected.nbytes == 4 * ROWS * COLUMNS * 4
    assert expected.events == 4
    events, frames = run(plan)
    assert frames.shape == (4, ROWS, COLUMNS)
    assert [event["stage_x"] for event in events] == pytest.approx([-6.0, 8.0, 8.0, -6.0], abs=0.02)
    for event, frame in zip(events, frames, strict=True):
        assert frame.sum() == event["analyser_total"]
        assert frame.sum(axis=0).tolist() == event["analyser_spectrum"].tolist()
        assert len(event["analyser_energies"]) == COLUMNS
        assert len(event["analyser_angles"]) == ROWS
    contrast = arpes.contrast(
        frames,
        events[0]["analyser_angles"],
        events[0]["analyser_energies"],
        fermi_level=LEVEL,
        momenta=(CRYSTAL.fermi_wave_vector(0.0), CRYSTAL.fermi_wave_vector(45.0)),
    )
    assert np.sign(contrast).tolist() == [-1.0, 1.0, 1.0, -1.0]


def test_the_edge_is_sharper_in_focus(line: Any, run: Any) -> None:
    near = line.optic.focal_length(100.0)
    places = [18.5, 19.5, 20.5, 21.5]
    events, _ = run(
        focus(
            line.analyser,
            line.energy,
            WINDOW,
            z=line.optic.z,
            across=line.stage.x,
            depths=[near + FOCUS_OFFSET, near + FOCUS_OFFSET + 20.0],
            places=places,
            **LIGHT,
        )
    )
    totals = np.array([event["analyser_total"] for event in events]).reshape(2, len(places))
    in_focus, beyond = totals[:, 1:3] - totals[:, :1]
    assert in_focus[0] < 0.05 * in_focus[1]
    assert beyond[0] > 0.2 * beyond[1]


def test_the_fermi_surface_is_looked_at_across_the_slit(line: Any, run: Any) -> None:
    line.stage.x.set(-6.0).wait(10)
    events, frames = run(
        fermi_surface(
            line.analyser,
            line.focused_energy,
            WINDOW,
            angle=line.analyser.deflector,
            angles=[-6.0, 0.0, 6.0],
            **LIGHT,
        )
    )
    assert [event["analyser_deflector"] for event in events] == [-6.0, 0.0, 6.0]
    aside = np.abs(frames[0].astype(float) - frames[2]).sum()
    assert aside < 0.6 * np.abs(frames[0].astype(float) - frames[1]).sum()  # it is symmetric


def test_the_window_follows_the_photon_energy(line: Any, run: Any) -> None:
    line.stage.x.set(30.0).wait(10)  # gold
    energies = [90.0, 110.0]
    events, frames = run(
        kz_scan(line.analyser, line.focused_energy, Cut(1.0, 20.0), energies=energies)
    )
    for event, frame, photon_energy in zip(events, frames, energies, strict=True):
        assert event["focused_energy"] == pytest.approx(photon_energy, abs=0.01)
        assert event["optic_z"] == pytest.approx(
            line.optic.focal_length(photon_energy) + FOCUS_OFFSET, abs=0.1
        )
        edge = arpes.fermi_edge(
            event["analyser_energies"], frame.sum(axis=0), temperature=300.0
        ).position
        assert edge == pytest.approx(photon_energy + PHOTON_OFFSET - 4.4, abs=2e-3)


def test_the_edge_widens_with_the_temperature_as_it_should(line: Any, run: Any) -> None:
    line.stage.x.set(30.0).wait(10)
    cut = Cut(0.2, 5.0, middle=0.0, reach=0.3, step=0.01)
    plan = temperature_series(
        line.analyser,
        line.focused_energy,
        cut,
        temperature=line.sample.temperature,
        temperatures=[200.0, 60.0],
        **LIGHT,
    )
    assert dry_run(plan).duration >= 2 * 61 * 0.2
    events, frames = run(plan)
    assert frames.shape == (2, ROWS, 61)
    for event in events:
        fit = arpes.fermi_edge(
            event["analyser_energies"],
            event["analyser_spectrum"],
            temperature=event["sample_temperature"],
        )
        assert fit.position == pytest.approx(LEVEL, abs=2e-3)
        assert fit.resolution == pytest.approx(0.0131, abs=0.004)


def test_a_tracked_rotation_stays_on_the_spot(line: Any, run: Any) -> None:
    line.stage.x.set(-6.0).wait(10)
    turned: dict[str, Any] = {"angle": line.sample.theta, "angles": [0.0, 8.0]}
    axes = {axis: getattr(line.sample, axis) for axis in "xyz"}
    looked: Any = (line.analyser, line.focused_energy, WINDOW)
    events, tracked = run(
        tracked_rotation(
            *looked,
            **turned,
            **axes,
            home=(0.0, 0.0, 0.0),
            eccentricity=[each / 1000 for each in ECCENTRICITY],
            **LIGHT,
        )
    )
    assert events[1]["sample_x"] == pytest.approx(-0.01695, abs=2e-4)
    line.sample.x.set(0.0).wait(10)
    line.sample.z.set(0.0).wait(10)
    _, lost = run(fermi_surface(*looked, **turned, **LIGHT))
    gold = tracked[0].sum(dtype=float)
    assert tracked[1].sum(dtype=float) < 1.5 * gold
    assert lost[1].sum(dtype=float) > 2.0 * gold  # the spot has left the crystal for gold


def test_regions_of_other_length_need_a_stream_each(line: Any, run: Any) -> None:
    line.stage.x.set(30.0).wait(10)
    analyser = line.analyser
    descriptors: list[Any] = []

    def region(low: float, high: float) -> Any:
        @bpp.stage_decorator([analyser])
        def measure() -> Any:
            yield from bps.trigger_and_read([analyser], name=f"to_{high:g}")

        yield from bps.mv(analyser.low, low, analyser.high, high, analyser.step, 0.1)
        yield from measure()

    @bpp.run_decorator()
    def plan() -> Any:
        yield from bps.mv(analyser.acquisition_mode, "swept", analyser.pass_energy, 20.0)
        yield from region(95.0, 96.0)
        yield from region(95.0, 97.0)

    RunEngine({}, context_managers=[])(
        plan(), lambda name, doc: descriptors.append(doc) if name == "descriptor" else None
    )
    shapes = [doc["data_keys"]["analyser_spectrum"]["shape"] for doc in descriptors]
    frames = [doc["data_keys"]["analyser"]["shape"] for doc in descriptors]
    assert shapes == [[11], [21]]
    assert frames == [[ROWS, 11], [ROWS, 21]]


def test_another_size_than_that_of_the_open_file_is_refused(line: Any) -> None:
    analyser = line.analyser
    analyser.acquisition_mode.set("fixed").wait(5)
    analyser.stage()
    try:
        for setting, value in (("low", 95.0), ("high", 95.5), ("step", 0.1)):
            getattr(analyser, setting).set(value).wait(5)
        analyser.acquisition_mode.set("swept").wait(5)
        with pytest.raises(RuntimeError, match=r"frames are \(75, 6\) now and \(75, 100\)"):
            analyser.trigger().wait(10)
    finally:
        analyser.unstage()
        analyser.acquisition_mode.set("fixed").wait(5)


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        (Cut(0.2, 21.0), r"analyser_pass_energy: 21.0 is not there; choose one of 2.0, 5.0"),
        (
            Cut(0.2, 20.0, middle=117.0),
            r"kinetic energies -2.2 to -0.6 eV are not within",
        ),
        (Cut(0.2, 20.0, reach=1.0, step=1e-5), r"200001 energies; it sweeps over 20000 at most"),
    ],
    ids=["pass energy", "lens", "steps"],
)
def test_what_the_analyser_cannot_do_is_refused_before_anything_moves(
    line: Any, cut: Cut, said: str
) -> None:
    before = line.energy.position
    plan = fermi_surface(
        line.analyser,
        line.energy,
        cut,
        angle=line.analyser.deflector,
        angles=[0.0],
        photon_energy=120.0,
    )
    with pytest.raises(LimitError, match=said):
        RunEngine({}, context_managers=[])(plan)
    assert line.energy.position == before
