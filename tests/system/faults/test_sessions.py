"""Two sessions at once, and clocks that jump."""

from __future__ import annotations

import pytest

from nanoterasu.records import Spool, SpoolBusy

from .compare import spool_keeps
from .ending import assert_arrives
from .endstation import Endstation

pytestmark = pytest.mark.system


def test_a_second_session_is_refused_and_the_first_goes_on(
    endstation: Endstation, archive: Endstation
) -> None:
    first = endstation.measure_rows(10_000, reserve=0)
    first.wait_for(20)
    second = endstation.measure(2, 1)
    second.join()
    assert second.process.exitcode == 1
    assert second.acknowledged == []
    with pytest.raises(SpoolBusy, match=f"is being written by process {first.process.pid} since"):
        Spool(endstation.spool)
    first.wait_for(len(first.acknowledged) + 20)
    first.kill()
    assert_arrives(archive, [first.acknowledged], endstation.spool)


def test_after_a_session_was_killed_the_next_begins_at_once(
    endstation: Endstation, archive: Endstation
) -> None:
    children = []
    for seed in range(10):
        child = endstation.measure_rows(1000, reserve=0)
        child.wait_for(1 + seed)
        child.kill()
        children.append(child.acknowledged)
    assert_arrives(archive, children, endstation.spool)


def test_a_clock_that_jumps_changes_no_order(endstation: Endstation, archive: Endstation) -> None:
    hour, year = 3600.0, 3.2e7
    child = endstation.measure(3, 8, clock_jumps=(0.0, -hour, hour, -year, 5.0, -5.0))
    child.join()
    instants = [document["time"] for name, document in child.acknowledged if name == "start"]
    assert instants != sorted(instants), "the clock did not jump"
    found = spool_keeps(endstation.spool, [child.acknowledged])
    assert found.clean(), found.problems
    assert found.documents == len(child.acknowledged)
    assert_arrives(archive, [child.acknowledged], endstation.spool)
