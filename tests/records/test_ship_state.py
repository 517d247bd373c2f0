"""The shipper's notes, read by those who wait while they are made."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nanoterasu.records import ShipState


def test_who_waits_for_the_first_note_does_not_stop_it_from_being_made(tmp_path: Path) -> None:
    for attempt in range(60):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        together = threading.Barrier(3)

        def take_part(number: int, folder: Path = folder, go: threading.Barrier = together) -> None:
            state = ShipState(folder)
            go.wait()
            try:
                if number == 0:
                    state.say("shipping", "from here to there")
                else:
                    for _ in range(50):
                        assert not state.shipped("a run")
            finally:
                state.close()

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(take_part, range(3)))


def test_notes_that_were_lost_leave_nothing_behind_that_the_next_would_read(tmp_path: Path) -> None:
    lost = ShipState(tmp_path)
    lost.finish("a run", "shipped", first=1, last=2, cursor=2)
    lost.path.unlink()  # its log, which is still open, stays
    assert lost.path.with_name("shipped.sqlite-wal").exists()
    again = ShipState(tmp_path)
    again.say("shipping", "anew")
    assert not again.shipped("a run")
    assert again.cursor() == 0
    again.close()
    lost.close()
