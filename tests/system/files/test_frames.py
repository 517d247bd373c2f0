"""Frames of a detector arrive, equal and once, and can be read while they are taken."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bluesky.plans as bp
import numpy as np
import pytest
from ophyd.sim import SynAxis

from nanoterasu.records import (
    FileState,
    Run,
    Shipper,
    Spool,
    check_file,
    seal,
    wait_until_shipped,
)

from .camera import Camera

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

PAUSE = threading.Event()  # never set


def ship(records: Any, spool: Spool, uid: str, patience: float = 90) -> None:
    with Shipper(spool.folder, records.home):
        wait_until_shipped(spool.folder, uid, patience)


def test_each_point_of_a_step_scan_has_its_frame(
    records: Any, spool: Spool, run_engine: Any, beamtime: Path, read: Callable[[str], Any]
) -> None:
    camera, axis = Camera(beamtime), SynAxis(name="energy")
    (uid,) = run_engine(bp.scan([camera], axis, 0, 1, 11))
    ship(records, spool, uid)
    primary = read(uid)["primary"]
    np.testing.assert_array_equal(primary["camera"][3], camera.frame(3))
    np.testing.assert_array_equal(
        primary["camera"].read(), [camera.frame(number) for number in range(11)]
    )
    assert primary["energy"].read().shape == (11,)


def test_a_thousand_frames_taken_on_the_fly_arrive_in_one_file_a_run(
    records: Any,
    spool: Spool,
    run_engine: Any,
    beamtime: Path,
    read: Callable[[str], Any],
    fly: Callable[..., Any],
) -> None:
    camera = Camera(beamtime, frames=1000)
    uids = [*run_engine(fly([camera])), *run_engine(fly([camera]))]
    assert len(set(camera.paths)) == 2
    assert {path.parent for path in camera.paths} == {beamtime}
    for uid in uids:
        ship(records, spool, uid)
        frames = read(uid)["primary"]["camera"]
        assert frames.shape == (1000, 6, 8)
        expected = np.arange(1000 * 48, dtype="<u4").reshape(1000, 6, 8)
        np.testing.assert_array_equal(frames.read(), expected)


def test_two_cameras_of_different_pace_are_told_of_together(
    records: Any,
    spool: Spool,
    run_engine: Any,
    beamtime: Path,
    read: Callable[[str], Any],
    fly: Callable[..., Any],
) -> None:
    fast, slow = Camera(beamtime, "fast"), Camera(beamtime, "slow", (3, 5), pause=0.05)
    (uid,) = run_engine(fly([fast, slow], every=0.1))
    ship(records, spool, uid)
    primary = read(uid)["primary"]
    assert primary["fast"].shape == (10, 6, 8)
    np.testing.assert_array_equal(primary["slow"][9], slow.frame(9))


def test_frames_are_readable_while_the_writer_has_the_file_open(
    records: Any,
    spool: Spool,
    run_engine: Any,
    beamtime: Path,
    read: Callable[[str], Any],
    fly: Callable[..., Any],
) -> None:
    camera = Camera(beamtime, frames=100_000, pause=0.01)
    seen: list[int] = []

    def watch(uid: str) -> None:
        while len(seen) < 3:
            count = len(frames) if (frames := _frames(read, uid)) else 0
            if count > max(seen, default=0):
                np.testing.assert_array_equal(frames[count - 1], camera.frame(count - 1))
                np.testing.assert_array_equal(frames[0], camera.frame(0))
                seen.append(count)
            PAUSE.wait(0.05)

    with Shipper(spool.folder, records.home):
        uid = _fly_until(run_engine, camera, fly([camera]), watch)
        wait_until_shipped(spool.folder, uid, 90)
    assert len(seen) == 3
    assert seen[-1] < 100_000, "the file was not open any more"
    assert len(read(uid)["primary"]["camera"]) == camera.open.frames


def test_a_slow_reader_sees_what_it_found_while_the_file_grows_behind_it(
    records: Any,
    spool: Spool,
    run_engine: Any,
    beamtime: Path,
    read: Callable[[str], Any],
    fly: Callable[..., Any],
) -> None:
    camera = Camera(beamtime, frames=100_000, pause=0.01)
    found: list[int] = []

    def watch(uid: str) -> None:
        while (frames := _frames(read, uid)) is None:
            PAUSE.wait(0.05)
        found.append(len(frames))
        for number in range(min(10, found[0])):
            taken = camera.open.frames
            np.testing.assert_array_equal(frames[number], camera.frame(number))
            while camera.open.frames == taken:
                PAUSE.wait(0.01)
        # Only its whole, which Tiled compares with what the array has become, is refused.
        np.testing.assert_array_equal(frames[: found[0]][-1], camera.frame(found[0] - 1))

    with Shipper(spool.folder, records.home):
        uid = _fly_until(run_engine, camera, fly([camera]), watch)
        wait_until_shipped(spool.folder, uid, 90)
    assert found[0] < len(read(uid)["primary"]["camera"]) == camera.open.frames


def test_reading_a_stream_fetches_no_frame_before_it_is_used(
    records: Any, spool: Spool, run_engine: Any, beamtime: Path, read: Callable[[str], Any]
) -> None:
    import dask.array

    camera, axis = Camera(beamtime), SynAxis(name="energy")
    (uid,) = run_engine(bp.scan([camera], axis, 0, 1, 5))
    ship(records, spool, uid)
    dataset = Run(read(uid)).read("primary")
    assert dataset["energy"].values.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert isinstance(dataset["camera"].data, dask.array.Array)
    assert dataset["camera"].dims[0] == "time"
    assert dataset["camera"].attrs["units"] == "counts"
    np.testing.assert_array_equal(dataset["camera"].isel(time=2).compute(), camera.frame(2))


def test_a_stream_of_frames_alone_is_read_too(
    records: Any,
    spool: Spool,
    run_engine: Any,
    beamtime: Path,
    read: Callable[[str], Any],
    fly: Callable[..., Any],
) -> None:
    camera = Camera(beamtime)
    (uid,) = run_engine(fly([camera]))
    ship(records, spool, uid)
    dataset = Run(read(uid)).read("primary")
    assert dataset["camera"].shape == (10, 6, 8)
    np.testing.assert_array_equal(dataset["camera"][4].compute(), camera.frame(4))


def test_a_run_that_is_sent_again_keeps_its_file(
    records: Any, spool: Spool, run_engine: Any, beamtime: Path, as_shipper: Any, fly: Any
) -> None:
    camera = Camera(beamtime)
    (uid,) = run_engine(fly([camera]))
    ship(records, spool, uid)
    as_shipper["unit-alpha"].delete_contents([uid], recursive=True, external_only=False)
    assert camera.paths[0].exists()
    (spool.folder / "shipped.sqlite").unlink()
    ship(records, spool, uid)
    np.testing.assert_array_equal(
        as_shipper["unit-alpha"][uid]["primary"]["camera"][9], camera.frame(9)
    )


def test_a_closed_file_is_sealed_while_the_shipper_works(
    records: Any, spool: Spool, run_engine: Any, beamtime: Path, read: Any, fly: Any
) -> None:
    camera = Camera(beamtime)
    (uid,) = run_engine(fly([camera]))
    sidecar = Path(f"{camera.paths[0]}.sha256")
    with Shipper(spool.folder, records.home):
        wait_until_shipped(spool.folder, uid, 90)
        for _ in range(900):
            if sidecar.exists():
                break
            PAUSE.wait(0.1)
        assert check_file(camera.paths[0]) is FileState.OK
        assert camera.paths[0].stat().st_mode & 0o777 == 0o440
    np.testing.assert_array_equal(read(uid)["primary"]["camera"][9], camera.frame(9))


def test_neither_file_nor_folder_is_told_to_a_reader(
    records: Any,
    spool: Spool,
    run_engine: Any,
    beamtime: Path,
    member: Any,
    fly: Callable[..., Any],
) -> None:
    camera = Camera(beamtime)
    (uid,) = run_engine(fly([camera]))
    ship(records, spool, uid)
    node = f"unit-alpha/{uid}/primary/camera"
    asked = (f"/metadata/{node}?include_data_sources=true", f"/search/unit-alpha/{uid}/primary")
    for path in (*asked, f"/search/unit-alpha/{uid}/primary?include_data_sources=true"):
        answer = member.get(path)
        assert answer.status_code == 200
        assert camera.paths[0].stem not in answer.text
        assert str(records.home.folder) not in answer.text
    for number in range(1, 90):
        assert member.get(f"/asset/bytes/{node}?id={number}").status_code == 404


def test_frames_of_a_writer_that_was_killed_are_read_by_tiled(
    records: Any, spool: Spool, run_engine: Any, beamtime: Path, read: Any, fly: Any
) -> None:
    """The file is still marked as open for writing, and sealing leaves it so."""
    camera = Camera(beamtime)

    def leave_open() -> Any:
        camera.unstage = lambda: [camera]  # as if the process had gone
        return (yield from fly([camera]))

    (uid,) = run_engine(leave_open())
    held = camera.open._descriptor
    ship(records, spool, uid)
    os.close(held)  # what the end of a process does to its lock
    seal(camera.paths[0])
    np.testing.assert_array_equal(read(uid)["primary"]["camera"][9], camera.frame(9))
    assert check_file(camera.paths[0]) is FileState.OK


def _fly_until(run_engine: Any, camera: Camera, plan: Any, watch: Callable[[str], None]) -> str:
    """Run ``plan`` while ``watch`` looks at it; end it when that has seen enough."""
    failed: list[BaseException] = []

    def look(uid: str) -> None:
        try:
            watch(uid)
        except BaseException as error:  # noqa: BLE001 - told by the thread of the test
            failed.append(error)
        finally:
            camera.enough.set()

    def begin(name: str, document: Any) -> None:
        if name == "start":
            threading.Thread(target=look, args=(document["uid"],), daemon=True).start()

    run_engine.subscribe(begin, "start")
    (uid,) = run_engine(plan)
    if failed:
        raise failed[0]
    return uid


def _frames(read: Callable[[str], Any], uid: str) -> Any:
    """Return the client of the frames when there are some."""
    try:
        frames = read(uid)["primary"]["camera"]
    except KeyError:
        return None
    return frames if len(frames) else None
