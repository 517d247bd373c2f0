"""What is completely stored may leave the spool, and then leaves no byte; nothing else leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nanoterasu.records import ShipState, Spool, SpoolError, SpoolReader, retire
from nanoterasu.records._digest import RunDigest

CANARY = "canary-of-company-alpha"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool" / "BL13U"


def measure(spool: Spool, uid: str, *, closed: bool = True, events: int = 200) -> int:
    spool("start", {"uid": uid, "time": 0.0, "sample": f"{CANARY}-{uid}", "unit_id": "U1"})
    spool("descriptor", {"uid": f"{uid}-d", "run_start": uid, "name": "primary"})
    for number in range(events):
        spool("event", {"descriptor": f"{uid}-d", "data": {"note": f"{CANARY}-{number}" * 5}})
    if closed:
        return spool.append("stop", {"uid": f"{uid}-s", "run_start": uid})
    return 0


def ship(folder: Path, uid: str, state: str = "shipped") -> None:
    notes = ShipState(folder)
    notes.finish(uid, state, first=1, last=1, cursor=0)
    notes.close()


def verified(folder: Path, uid: str) -> None:
    """Note that Tiled holds what is in the spool now."""
    ship(folder, uid)
    digest = RunDigest()
    with SpoolReader(folder) as reader:
        for entry in reader.entries(run_uid=uid):
            digest.add(entry.checksum)
    notes = ShipState(folder)
    notes.verify_done(uid, digest.value())
    notes.close()


def every_byte(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let appending not wait for the disk."""
    made = Spool.__init__

    def init(self: Spool, *given: Any) -> None:
        made(self, *given)
        self._database.execute("PRAGMA synchronous = OFF")

    monkeypatch.setattr(Spool, "__init__", init)


@pytest.mark.usefixtures("quick")
def test_no_byte_of_a_retired_run_is_left_beside_an_open_spool_and_reader(folder: Path) -> None:
    with Spool(folder) as spool, SpoolReader(folder) as reader:
        measure(spool, "a")
        verified(folder, "a")
        assert reader.runs() == {"a": True}
        assert CANARY.encode() in every_byte(folder)
        assert retire(folder, ["a"]) == {"a"}
        assert CANARY.encode() not in every_byte(folder)
        assert reader.runs() == {}
    assert CANARY.encode() not in every_byte(folder)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("why", ["not shipped", "refused", "only shipped", "not closed"])
def test_what_is_not_verified_is_never_deleted(folder: Path, why: str) -> None:
    with Spool(folder) as spool:
        measure(spool, "a", closed=why != "not closed")
        if why in ("refused", "only shipped"):
            ship(folder, "a", "refused" if why == "refused" else "shipped")
        if why == "not closed":
            verified(folder, "a")
        before = list(SpoolReader(folder).documents())
        assert retire(folder, ["a"]) == frozenset()
    assert list(SpoolReader(folder).documents()) == before


@pytest.mark.usefixtures("quick")
def test_a_run_that_grew_or_was_found_to_differ_since_is_not_deleted(folder: Path) -> None:
    with Spool(folder) as spool:
        for uid in ("a", "b", "c"):
            measure(spool, uid, events=3)
            verified(folder, uid)
        spool("event", {"descriptor": "none", "run_start": "a", "data": {}})
        notes = ShipState(folder)
        notes.doubt("b")
        notes.forget("c")
        notes.close()
        assert retire(folder, ["a", "b", "c"]) == frozenset()
    assert list(SpoolReader(folder).runs()) == ["a", "b", "c"]


@pytest.mark.usefixtures("quick")
def test_only_the_runs_that_are_named_are_retired(folder: Path) -> None:
    with Spool(folder) as spool:
        for uid in ("a", "b"):
            measure(spool, uid, events=3)
            verified(folder, uid)
        assert retire(folder, ["a", "unknown"]) == {"a"}
    with SpoolReader(folder) as reader:
        assert reader.runs() == {"b": True}
        assert [uid for uid, _ in reader.starts()] == ["b"]


def test_a_number_in_the_spool_is_never_given_twice(folder: Path) -> None:
    with Spool(folder) as spool:
        last = measure(spool, "a", events=1)
        verified(folder, "a")
        retire(folder, ["a"])
        assert spool.append("start", {"uid": "b"}) == last + 1


def test_a_retired_run_leaves_its_uid_and_a_hash_of_all_of_it(folder: Path) -> None:
    with Spool(folder) as spool:
        measure(spool, "a", events=1)
        verified(folder, "a")
        retire(folder, ["a"])
        [row] = spool._database.execute("SELECT run_uid, documents, length(digest) FROM retired")
    assert row == ("a", 4, 16)


def test_retiring_again_does_nothing(folder: Path) -> None:
    with Spool(folder) as spool:
        measure(spool, "a", events=1)
        verified(folder, "a")
        assert retire(folder, ["a"]) == {"a"}
        assert retire(folder, ["a"]) == {"a"}
        assert retire(folder.parent / "BL02U", ["a"]) == frozenset()


def test_a_reader_that_holds_the_log_is_named_as_the_reason(folder: Path) -> None:
    with Spool(folder) as spool:
        measure(spool, "a", events=1)
        verified(folder, "a")
        held = SpoolReader(folder)
        held.last()
        assert held._database is not None
        held._database.execute("BEGIN")
        held._database.execute("SELECT * FROM document").fetchone()
        with pytest.raises(SpoolError, match="program is reading"):
            retire(folder, ["a"], patience=0.1)
        held.close()
        retire(folder, ["a"])
    assert CANARY.encode() not in every_byte(folder)
