"""What the user office may give: by calls, and by the shared slots that were published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from nanoterasu.facility import Beamtime, Refused, Slot, may_be_given, rules, shared_share

Make = Callable[..., Beamtime]
APRIL = datetime(2026, 4, 10, tzinfo=UTC)


def slot(hours: float) -> Slot:
    return Slot(APRIL, APRIL + timedelta(hours=hours))


@pytest.fixture
def shared(public: Make) -> Make:
    """A shared slot of term 2026A on a coalition beamline."""

    def make(station: str = "BL07U-HORNET", beamline: str = "", **changes: Any) -> Beamtime:
        given: dict[str, Any] = {
            "station": station,
            "beamline": beamline or station.partition("-")[0],
            "shared_slot": True,
            "term": "2026A",
            "term_end": date(2026, 8, 31),
            "slots": (slot(8),),
        }
        return public(**given | changes)

    return make


@pytest.mark.parametrize("row", rules("shared_shifts"), ids=lambda row: row.id)
def test_no_more_is_given_than_was_published(shared: Make, row: Any) -> None:
    place = row.scope["station"]
    station = {"BL07U": "BL07U-HORNET", "BL09U": "BL09U-MX"}.get(place, place)
    published = row.value["shifts"] * 8.0
    may_be_given(shared(station), published - 8.0)
    with pytest.raises(Refused, match=r"takes 8 h .* of which 7 h are left") as refused:
        may_be_given(shared(station), published - 7.0)
    assert refused.value.rule == row.id


def test_what_was_published_for_a_beamline_is_shared_by_its_stations(shared: Make) -> None:
    share = shared_share(shared("BL09U-MX"))
    assert share is not None
    assert share.stations == {"BL09U-MX", "BL09U-HAXPES"}


def test_branches_that_were_published_one_by_one_count_one_by_one(shared: Make) -> None:
    share = shared_share(shared("BL08W-SAXS"))
    assert share is not None
    assert (share.stations, share.hours) == ({"BL08W-SAXS"}, 864.0)


def test_a_term_of_which_nothing_was_published_has_no_limit_of_ours(shared: Make) -> None:
    assert shared_share(shared(term="T9")) is None
    may_be_given(shared(term="T9"), 100_000.0)


def test_a_shared_beamline_has_no_shared_slots(public: Make) -> None:
    assert shared_share(public()) is None


def test_a_mode_that_was_not_called_is_not_given(proprietary: Make, shared: Make) -> None:
    with pytest.raises(Refused, match="not called in term 2026A") as refused:
        may_be_given(proprietary(term="2026A", slots=(slot(8),)))
    assert refused.value.rule == "call.shared_proprietary.2026A"


def test_a_coalition_beamtime_needs_no_call(coalition: Make) -> None:
    may_be_given(coalition(slots=(slot(8),)))
