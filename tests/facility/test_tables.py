"""The tables as a whole: complete, dated, and of one mind."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanoterasu.facility import ACCESS_MODES, JST, Rule, RuleError, find, resolve, rules
from nanoterasu.facility._row import TABLES

ROWS = [rule for table in TABLES for rule in rules(table)]
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
KEYS = {table: sorted({key for row in rules(table) for key in row.scope}) for table in TABLES}
VALUES = {
    (table, key): sorted({row.scope[key] for row in rules(table) if key in row.scope})
    for table in TABLES
    for key in KEYS[table]
}


def meet(a: Rule, b: Rule) -> bool:
    """Whether one full scope and one day agree with both rows."""
    shared = a.scope.keys() & b.scope.keys()
    begins = max(a.valid_from or date.min, b.valid_from or date.min)
    ends = min(a.valid_to or date.max, b.valid_to or date.max)
    return all(a.scope[key] == b.scope[key] for key in shared) and begins <= ends


def attempt(
    table: str, scope: dict[str, str], at: datetime
) -> tuple[Rule | None, RuleError | None]:
    """The row, or the error in its place."""
    try:
        return resolve(table, scope, at, allow_unconfirmed=True), None
    except RuleError as error:
        return None, error


@pytest.mark.parametrize("table", TABLES)
def test_no_two_rows_of_a_table_match_one_scope_and_instant(table: str) -> None:
    pairs = itertools.combinations(rules(table), 2)
    assert [(a.id, b.id) for a, b in pairs if meet(a, b)] == []


def test_two_rows_that_meet_would_be_seen() -> None:
    row = Rule("a", "t", 1, {"x": "1"}, "confirmed", "S", valid_to=date(2026, 1, 1))
    assert meet(row, Rule("b", "t", 1, {"y": "2"}, "confirmed", "S", valid_from=date(2026, 1, 1)))
    assert not meet(row, Rule("c", "t", 1, {"x": "2"}, "confirmed", "S"))


@pytest.mark.parametrize("table", TABLES)
@given(data=st.data())
def test_every_scope_resolves_or_raises_at_every_instant_of_a_table(
    table: str, data: st.DataObject
) -> None:
    days = [day for row in rules(table) for day in (row.valid_from, row.valid_to) if day]
    first = min(days, default=date(2024, 4, 1))
    last = max([*days, date(2036, 4, 1)])
    at = data.draw(
        st.datetimes(
            datetime.combine(first, time()), datetime.combine(last, time()), timezones=st.just(JST)
        )
    )
    scope = {key: data.draw(st.sampled_from(VALUES[table, key])) for key in KEYS[table]}
    row, error = attempt(table, scope, at)
    assert (row is None) != (error is None)
    assert "rows for" not in str(error)  # never two
    if row is not None:
        assert row.scope.items() <= scope.items()
        assert row.in_force(at.date())
        assert row.status != "unknown"


@pytest.mark.parametrize("rule", [row for row in ROWS if row.valid_from], ids=lambda row: row.id)
def test_a_row_is_not_found_before_its_first_day(rule: Rule) -> None:
    assert rule.valid_from is not None
    eve = datetime.combine(rule.valid_from, time(), JST) - timedelta(microseconds=1)
    with pytest.raises(RuleError, match="has no row"):
        find(rule.table, rule.scope, eve)


def test_all_nine_ways_of_use_say_all_that_a_run_needs() -> None:
    assert len(rules("modes")) == 9
    duties = {(row.scope["mode"], row.scope["duty"]) for row in rules("duties")}
    for row in rules("modes"):
        mode, says = row.scope["mode"], row.value
        assert says["readers"] in ("unit", "proposal")
        assert says["charges"]
        assert says["terms"] in ("called", "any")
        assert says["review_body"] in ("JASRI", "QST", "")
        assert {(mode, "report"), (mode, "publication")} <= duties
    assert {row.scope["mode"] for row in rules("modes")} == set(ACCESS_MODES)


def test_the_safety_review_is_that_of_the_operating_body_where_it_is_known() -> None:
    issuers = {row.id: row.value["safety_issuer"] for row in rules("modes")}
    mixed = {"mode.shared_general.shared_slot", "mode.advanced_research"}
    for row in rules("modes"):
        body = {"shared": "QST", "coalition": "PhoSIC"}[row.scope["kind"]]
        assert issuers[row.id] == ("" if row.id in mixed else body)


def test_the_terms_are_called_for_shared_use_and_for_no_member() -> None:
    for row in rules("modes"):
        member = row.scope["mode"].startswith("coalition")
        assert row.value["terms"] == ("any" if member else "called")


def test_the_nine_shared_slots_of_2026a_stand_as_published() -> None:
    shifts = {row.scope["station"]: row.value["shifts"] for row in rules("shared_shifts")}
    assert shifts == {
        "BL07U": 57, "BL08U": 99, "BL08W-XRD": 90, "BL08W-SAXS": 108, "BL08W-XAFS": 63,
        "BL09U": 60, "BL09W": 72, "BL10U": 30, "BL14U": 126,
    }  # fmt: skip
    known = {row.scope["station"] for row in rules("stations")}
    known |= {row.value["beamline"] for row in rules("stations")}
    assert shifts.keys() <= known


def test_the_deadlines_of_the_calls_of_2026a_are_instants_in_japan() -> None:
    told = {
        row.id: datetime.fromisoformat(row.value["deadline"])
        for row in rules("calls")
        if "deadline" in row.value
    }
    member, shared = (datetime(2025, 11, day, 10, tzinfo=JST) for day in (11, 19))
    assert told == {
        "call.shared_general.2026A": shared,
        "call.shared_general.2026A.shared_slot": member,
        "call.advanced_research.2026A": member,
    }


def test_a_price_has_a_unit_and_a_tax_basis() -> None:
    for row in [*rules("fees"), *rules("tax")]:
        if row.table == "fees" and row.value:
            assert row.unit in ("JPY/h", "JPY/share")
            assert row.tax in ("included", "excluded")
            assert isinstance(row.value.get("amount", 0), int)
    price = next(row for row in rules("shares") if row.id == "share.price")
    assert price.value["fee"] in {row.id for row in rules("fees")}
