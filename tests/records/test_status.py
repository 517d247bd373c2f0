"""What is in a spool, and who works on it, is told from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from nanoterasu.records import ShipState, Spool, lock_holder, retire, spool_status
from nanoterasu.records._status import discreet


def measure(spool: Spool, uid: str, *, closed: bool = True) -> None:
    spool("start", {"uid": uid, "time": 0.0})
    if closed:
        spool("stop", {"uid": f"{uid}-s", "run_start": uid})


def test_whoever_holds_a_spool_is_told_while_it_does(tmp_path: Path) -> None:
    assert lock_holder(tmp_path / "spool" / "lock") is None
    with Spool(tmp_path / "spool"):
        assert str(lock_holder(tmp_path / "spool" / "lock")).startswith("process ")
    assert lock_holder(tmp_path / "spool" / "lock") is None


def test_each_run_is_told_with_what_became_of_it(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        for uid in ("shipped", "refused", "part", "waiting"):
            measure(spool, uid)
        measure(spool, "open", closed=False)
    state = ShipState(tmp_path)
    state.finish("shipped", "shipped", first=1, last=2, cursor=2)
    state.verify_done("shipped", b"digest")
    state.finish("refused", "refused", first=3, last=4, cursor=4, reason="no 'alloy K7' here")
    state.close()
    status = spool_status(tmp_path)
    told = {run.uid: (run.closed, run.shipped, run.verified, run.aside) for run in status.runs}
    assert told == {
        "shipped": (True, True, True, ""),
        "refused": (True, False, False, "no [withheld] here"),
        "part": (True, False, False, ""),
        "waiting": (True, False, False, ""),
        "open": (False, False, False, ""),
    }
    assert status.writer is None
    assert status.shipper.state == "never started"
    assert status.size > 0
    oldest = status.oldest_waiting(now=status.runs[2].began + 7.0)
    assert oldest == pytest.approx(7.0)


def test_nothing_waits_when_all_is_shipped(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        measure(spool, "a")
    state = ShipState(tmp_path)
    state.finish("a", "shipped", first=1, last=2, cursor=2)
    state.close()
    assert spool_status(tmp_path).oldest_waiting() is None


def test_runs_that_are_asked_for_wait_for_the_answer_in_order(tmp_path: Path) -> None:
    state = ShipState(tmp_path)
    assert state.asked() == []
    state.ask_again("b")
    state.ask_again("a")
    assert ShipState(tmp_path).asked() == ["b", "a"]
    state.answered("b")
    assert state.asked() == ["a"]
    state.close()


def test_a_young_run_is_not_retired(tmp_path: Path) -> None:
    from nanoterasu.records._digest import RunDigest
    from nanoterasu.records._reader import SpoolReader

    digest = RunDigest()
    with Spool(tmp_path) as spool:
        measure(spool, "a")
        with SpoolReader(tmp_path) as reader:
            for entry in reader.entries(run_uid="a"):
                digest.add(entry.checksum)
        state = ShipState(tmp_path)
        state.verify_done("a", digest.value())
        state.close()
        assert retire(tmp_path, ["a"], older_than=1.0) == frozenset()
        assert retire(tmp_path, ["a"], older_than=0.0, rewrite=False) == {"a"}


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("Tiled has no container for 'unit-a': the office's roster", None),
        ("not a number: 'alloy K7'", "not a number: [withheld]"),
        ('KeyError: "alloy K7"', "KeyError: [withheld]"),
    ],
)
def test_a_reason_quotes_nothing_of_a_document(reason: str, told: str | None) -> None:
    assert discreet(reason) == (told or reason)
