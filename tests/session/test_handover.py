"""A station changes hands: what the last party left is swept, and nothing unshipped is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nanoterasu.records import SpoolBusy, SpoolReader
from nanoterasu.session import HOOKS, HandoverError, hand_over, start_live_plot


def test_the_next_party_finds_nothing_of_the_last_one(parties: Any) -> None:
    with parties.alpha() as session:
        parties.ship(session, parties.measure(session), parties.measure(session))
        parties.litter()
    assert parties.found()
    with parties.beta() as session:
        assert parties.found() == []
        assert session.waiting == 0
        assert session.RE.md.keys() == {"versions"}


def test_the_same_party_finds_its_things_again(parties: Any) -> None:
    with parties.alpha() as session:
        parties.ship(session, parties.measure(session))
        parties.litter()
    before = parties.found()
    with parties.alpha("alpha-colleague") as session:
        assert parties.found() == before
        assert len(session.health()) == 1


def test_what_is_not_stored_yet_stays_and_is_counted_on_the_banner(parties: Any) -> None:
    with parties.alpha() as session:
        stored, waiting = parties.measure(session), parties.measure(session)
        parties.ship(session, stored)
    with parties.beta() as session:
        assert session.waiting == 1
        assert "1 run of earlier parties" in session.banner()
        with SpoolReader(session.spool_folder) as reader:
            assert reader.runs() == {waiting: True}
        parties.ship(session, waiting)
    with parties.beta() as session:
        assert session.waiting == 0
        assert "waiting" not in session.banner()


def test_other_stations_things_are_left_alone(parties: Any) -> None:
    parties.alpha().close()
    for name in ("plots/BL02U/live.png", "run/session-BL02U.log", "run/ship-BL02U.log"):
        path = parties.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("theirs")
    parties.beta().close()
    assert (parties.home / "plots/BL02U/live.png").read_text() == "theirs"
    assert (parties.home / "run/session-BL02U.log").read_text() == "theirs"
    assert (parties.home / "run/ship-BL02U.log").read_text() == "theirs"


def test_nobody_is_swept_who_still_measures(parties: Any) -> None:
    with parties.alpha() as session:
        parties.measure(session)
        parties.litter()
        before = parties.found()
        with pytest.raises(SpoolBusy):
            parties.beta()
        with pytest.raises(SpoolBusy):
            hand_over(parties.home, "BL13U")
        assert parties.found() == before
    assert hand_over(parties.home, "BL13U") == 1


def test_what_cannot_be_swept_keeps_the_next_party_out_until_it_is_mended(parties: Any) -> None:
    def broken(home: Path, station: str) -> None:
        raise OSError("the queue does not answer")

    parties.alpha().close()
    parties.litter()
    HOOKS.append(broken)
    try:
        with pytest.raises(HandoverError, match="BL13U could not be handed over: the queue"):
            parties.beta()
    finally:
        HOOKS.remove(broken)
    parties.litter()
    (parties.home / "run" / "clock-BL13U.json").unlink()  # of the shift after this
    # Cut short: it is finished for whoever comes next, though the owner is the last one.
    with parties.alpha():
        assert parties.found() == []


def test_a_hook_is_told_the_station(parties: Any) -> None:
    told: list[tuple[Path, str]] = []
    hook = lambda *given: told.append(given)  # noqa: E731
    HOOKS.append(hook)
    try:
        parties.alpha().close()
        assert told == []
        parties.beta().close()
    finally:
        HOOKS.remove(hook)
    assert told == [(parties.home, "BL13U")]


KILLED = """
import os, signal, sys
from pathlib import Path
import nanoterasu.session._handover as handover

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(handover, sys.argv[2], kill)
handover.hand_over(Path(sys.argv[1]), "BL13U")
"""


@pytest.mark.system
@pytest.mark.parametrize("at", ["_empty", "_empty_logs", "retire"])
def test_a_sweep_that_was_killed_is_finished_by_whoever_comes_next(parties: Any, at: str) -> None:
    with parties.alpha() as session:
        uids = parties.measure(session), parties.measure(session)
        parties.ship(session, uids[0])
        parties.litter()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(parties.home), at], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert parties.found()
    with parties.alpha() as session:
        # What is not stored is there, with all its documents.
        with SpoolReader(session.spool_folder) as reader:
            assert reader.runs()[uids[1]]
            assert len(list(reader.entries(run_uid=uids[1]))) == 4
        assert [name for name in parties.found() if not name.startswith("spool")] == []


@pytest.mark.system
def test_a_live_plot_of_the_last_party_is_ended(parties: Any) -> None:
    with parties.alpha() as session:
        plot = start_live_plot(session.spool_folder, parties.home / "plots" / "live.png")
        lock = session.spool_folder / "plot.lock"
        try:
            while not (lock.exists() and lock.read_text()):
                assert plot.poll() is None
            session.close()
            parties.beta().close()
            assert plot.wait(5.0) == -signal.SIGTERM
        finally:
            plot.kill()
