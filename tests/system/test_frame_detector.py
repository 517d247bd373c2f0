"""An area detector over Channel Access: step and fly, one file, every frame told of once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import bluesky.preprocessors as bpp
import h5py
import numpy as np
import pytest
from bluesky import RunEngine

from nanoterasu.beamlines.bl02u import BL02U
from nanoterasu.plans import Frames, dry_run
from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system

BINNING = 16
SHAPE = (2048 // BINNING, 2048 // BINNING)
SIGNALS = 25


@pytest.fixture(scope="module")
def beamline(twin_of: Callable[[str], TwinProcess]) -> Iterator[BL02U]:
    connected = BL02U(twin_of("BL02U").prefix)
    connected.connect()
    connected.rixs_detector.binning.put(BINNING, wait=True)
    connected.rixs_detector.dwell.put(0.5, wait=True)
    yield connected
    connected.rixs_detector.binning.put(1, wait=True)
    for built in connected.devices().values():
        built.destroy()


@pytest.fixture
def detector(beamline: BL02U, tmp_path: Path) -> Iterator[Any]:
    beamline.rixs_detector.folder = tmp_path
    yield beamline.rixs_detector
    beamline.rixs_detector.folder = None


@pytest.fixture
def run() -> Callable[[Any], list[tuple[str, Any]]]:
    """Run a plan; return what was emitted."""
    engine = RunEngine({}, context_managers=[])

    def run_it(plan: Any) -> list[tuple[str, Any]]:
        documents: list[tuple[str, Any]] = []
        engine(plan, lambda name, document: documents.append((name, document)))
        return documents

    return run_it


def of(documents: list[tuple[str, Any]], kind: str) -> list[Any]:
    return [document for name, document in documents if name == kind]


def frames(documents: list[tuple[str, Any]]) -> np.ndarray:
    """Return the frames that the documents tell of, read from their file."""
    (resource,) = of(documents, "stream_resource")
    told = [document["indices"] for document in of(documents, "stream_datum")]
    assert [each["start"] for each in told] == [0, *(each["stop"] for each in told[:-1])]
    path = resource["uri"].removeprefix("file://localhost")
    with h5py.File(path) as file:
        data: Any = file[resource["parameters"]["dataset"]]
        return data[: told[-1]["stop"]]


def test_it_is_lean(detector: Any) -> None:
    assert len([*detector.walk_signals(include_lazy=True)]) <= SIGNALS


def test_each_point_of_a_step_scan_has_its_frame(
    beamline: Any, detector: Any, run: Callable[..., Any]
) -> None:
    documents = run(bp.scan([detector], beamline.sample.x, -0.5, 0.5, 3))
    assert len(of(documents, "event")) == 3
    there = frames(documents)
    assert there.shape == (3, *SHAPE)
    assert there.dtype == np.uint16
    totals = [event["data"]["rixs_detector_total"] for event in of(documents, "event")]
    assert there.sum(axis=(1, 2)).tolist() == totals
    (descriptor,) = of(documents, "descriptor")
    key = descriptor["data_keys"]["rixs_detector"]
    assert key["shape"] == list(SHAPE)
    assert key["units"] == "counts"
    assert key["external"] == "STREAM:"
    assert descriptor["configuration"]["rixs_detector"]["data"]["rixs_detector_dwell"] == 0.5


def burst(detector: Any, number: int) -> Any:
    @bpp.stage_decorator([detector])
    @bpp.run_decorator()
    def plan() -> Any:
        yield from bps.prepare(detector, Frames(number, 0.05), wait=True)
        yield from bps.declare_stream(detector, name="primary", collect=True)
        yield from bps.kickoff(detector, wait=True)
        yield from bps.collect_while_completing(
            [detector], [detector], flush_period=0.1, stream_name="primary"
        )

    return plan()


def test_a_burst_goes_into_one_file_by_the_same_path(
    detector: Any, run: Callable[..., Any]
) -> None:
    documents = run(burst(detector, 20))
    assert frames(documents).shape == (20, *SHAPE)
    assert not of(documents, "event")


def test_a_rehearsal_tells_the_size_of_the_frames(beamline: Any, detector: Any) -> None:
    size = 2 * SHAPE[0] * SHAPE[1]
    assert dry_run(bp.scan([detector], beamline.sample.x, -0.5, 0.5, 3)).nbytes == 3 * size
    rehearsed = dry_run(burst(detector, 20))
    assert rehearsed.nbytes == 20 * size
    assert rehearsed.duration >= 20 * 0.05


def test_without_a_folder_nothing_is_measured(beamline: Any, run: Callable[..., Any]) -> None:
    beamline.rixs_detector.folder = None
    with pytest.raises(RuntimeError, match=r"rixs_detector has no folder.*measure in a session"):
        run(bp.count([beamline.rixs_detector]))


def test_a_folder_that_the_ioc_does_not_find_is_named(
    detector: Any, run: Callable[..., Any], tmp_path: Path
) -> None:
    detector.folder = tmp_path / "nowhere"
    with pytest.raises(RuntimeError, match="its IOC finds no folder"):
        run(bp.count([detector]))


def test_an_ioc_that_dies_while_it_exposes_fails_the_frame(
    beamline: Any, detector: Any, twin_of: Callable[[str], TwinProcess]
) -> None:
    detector.dwell.put(3000.0, wait=True)
    detector.stage()
    try:
        status = detector.trigger()
        twin_of("BL02U").kill()
        error = status.exception(timeout=20)
        assert "lost its connection while rixs_detector exposed" in str(error)
    finally:
        twin_of("BL02U").restart()
        for signal in (detector.acquire, detector.capture, detector.dwell, detector.binning):
            signal.wait_for_connection(timeout=60)
        detector.unstage()
        detector.binning.put(BINNING, wait=True)
        detector.dwell.put(0.5, wait=True)
