"""Registers of earlier versions: recognised, refused with the way out, and upgraded whole."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from nanoterasu.facility import (
    Beamtime,
    Grant,
    Membership,
    Organisation,
    Override,
    Person,
    Proposal,
    Slot,
    Unit,
)
from nanoterasu.office import Register, upgrade
from nanoterasu.office._migrate import FOLDER, PRESENT
from nanoterasu.office._schema_time import Base

FIRST = (Path(__file__).parent / "first_register.sql").read_text(encoding="utf-8")
SINCE = datetime(2026, 4, 1, tzinfo=UTC)
START = datetime(2026, 11, 22, tzinfo=UTC)
SHIFT = timedelta(hours=8)


def run(place: str | Path, script: str) -> None:
    """Run SQL in the database, as another program would."""
    if isinstance(place, Path):
        with sqlite3.connect(place) as connection:
            connection.executescript(script)
        connection.close()
        return
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(script.replace("DATETIME", "TIMESTAMP").encode())


@pytest.fixture
def first(nowhere: str | Path) -> str | Path:
    """Where the first version left a register with data."""
    run(nowhere, FIRST)
    return nowhere


def tables(place: str | Path) -> set[str]:
    url = f"sqlite:///{place}" if isinstance(place, Path) else place
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with engine.connect() as connection:
            return set(inspect(connection).get_table_names())
    finally:
        engine.dispose()


def test_a_register_of_the_first_version_comes_out_whole(first: str | Path) -> None:
    upgrade(first)
    with Register(first) as register:
        kept = register.entries_by_kind()
        assert kept["organisation"] == [
            Organisation("O1", "Company Alpha"),
            Organisation("O2", "Company Beta"),
        ]
        worker, staff = (Grant("radiation_worker"),), (Grant("staff"),)
        assert kept["person"] == [
            Person("P1", "Member", "alpha-member", qualifications=worker),
            Person("P2", "Academic", "academic"),
            Person("P9", "Staff", "staff", staff, worker),
        ]
        left = Membership("P2", SINCE, START + timedelta(days=30))
        members = (Membership("P1", SINCE), left)
        assert kept["unit"] == [Unit("U1", "a", "O1", "competitive", members)]
        assert kept["proposal"] == [
            Proposal("PR1", "x", frozenset({"P2"}), "T1", date(2027, 2, 28))
        ]
        next_day = START + timedelta(hours=24)
        coalition, shared = kept["beamtime"]
        assert coalition == Beamtime(
            "BT-0001",
            "BL08U",
            "BL08U",
            None,
            "coalition_basic",
            (Slot(START, START + SHIFT), Slot(next_day, next_day + SHIFT)),
            frozenset({"P1", "P2"}),
            unit_id="U1",
            organisation_id="O1",
            membership_class="gold",
            domain="competitive",
            booking_id="B1",
            safety_review_id="S1",
            safety_review_issuer="PhoSIC",
        )
        assert isinstance(shared, Beamtime)
        assert shared.overrides == (Override("mode.shared_general", "why", "staff", SINCE),)
        assert (shared.overrun_allowed, shared.example, shared.term) == (True, True, "T1")


def test_hours_of_the_first_version_still_count_against_its_organisations_hours(
    first: str | Path,
) -> None:
    upgrade(first)
    with Register(first) as register:
        assert register.hours("BT-0001").used == 3.5
        assert register.beamtime("BT-0001", START).contract_hours_left == 196.5
        (kept,) = register.journal("organisation", "O1")
        assert kept.details == {"membership_class": "gold", "contract_hours": 200.0}


def test_a_register_of_an_earlier_version_is_refused_with_the_command_that_upgrades_it(
    first: str | Path,
) -> None:
    before = tables(first)
    with pytest.raises(OSError, match=r"is of revision 1, older .*`nanoterasu office upgrade`"):
        Register(first)
    assert tables(first) == before


def test_opening_with_create_upgrades_and_a_second_time_changes_nothing(first: str | Path) -> None:
    for _ in range(2):
        with Register(first, create=True) as register:
            assert register.hours("BT-0001").booked == 16.0
            assert len(register.journal()) == 1


def test_what_was_written_after_the_upgrade_is_kept_beside_what_was_before(
    first: str | Path,
) -> None:
    upgrade(first)
    with Register(first) as register:
        register.record("BT-0001", "used", 1.0, START, "clerk", "measured")
        register.add(Person("P3", "New", "new", (Grant("staff", SINCE),)))
        assert register.hours("BT-0001").used == 4.5
        assert len(register.people()) == 4


def test_beamtimes_that_overlap_stop_the_upgrade_and_leave_all_as_it_was(
    first: str | Path,
) -> None:
    run(first, "UPDATE beamtimes SET station = 'BL08U';")
    before = tables(first)
    with pytest.raises(ValueError, match=r"BT-0001 and BT-0002 overlap at station BL08U.*; move"):
        upgrade(first)
    assert tables(first) == before
    with pytest.raises(OSError, match="revision 1"):
        Register(first)


def test_a_register_of_a_later_version_is_refused(place: str | Path) -> None:
    run(place, "UPDATE alembic_version SET version_num = '99';")
    try:
        with pytest.raises(OSError, match=r"revision 99, which this version .* use the version"):
            Register(place)
    finally:
        run(place, f"UPDATE alembic_version SET version_num = '{PRESENT}';")


def test_nothing_is_upgraded_where_there_is_no_register(nowhere: str | Path) -> None:
    with pytest.raises(OSError, match="no office register"):
        upgrade(nowhere)
    if isinstance(nowhere, str):
        assert tables(nowhere) == set()


def test_the_migrations_make_what_the_models_say(nowhere: str | Path) -> None:
    Register(nowhere, create=True).close()
    url = f"sqlite:///{nowhere}" if isinstance(nowhere, Path) else nowhere
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        kept = connection.scalar(text("SELECT version_num FROM alembic_version"))
    engine.dispose()
    assert differences == []
    assert kept == PRESENT == ScriptDirectory(str(FOLDER)).get_current_head()


def test_the_first_revision_makes_what_the_first_version_made(tmp_path: Path) -> None:
    def shape(path: Path) -> dict[str, list[tuple[object, ...]]]:
        with sqlite3.connect(path) as connection:
            names = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
            )
            return {
                name: [
                    *connection.execute(f"PRAGMA table_info({name})"),
                    *sorted(connection.execute(f"PRAGMA foreign_key_list({name})"), key=str),
                ]
                for (name,) in names.fetchall()
            }

    run(tmp_path / "first.sqlite", FIRST)
    engine = create_engine(f"sqlite:///{tmp_path / 'made.sqlite'}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = connection
        command.upgrade(config, "1")
    engine.dispose()
    made, first = shape(tmp_path / "made.sqlite"), shape(tmp_path / "first.sqlite")
    assert made.keys() == first.keys()
    for name, columns in first.items():
        assert sorted(made[name], key=str) == sorted(columns, key=str), name
