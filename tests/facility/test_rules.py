from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanoterasu.facility import (
    ACCESS_MODES,
    JST,
    Rule,
    RuleError,
    find,
    resolve,
    rules,
)
from nanoterasu.facility._row import TABLES

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
ROWS = [rule for table in TABLES for rule in rules(table)]
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


def attempt(ask: Callable[[], Rule]) -> tuple[Rule | None, RuleError | None]:
    """The row, or the error in its place."""
    try:
        return ask(), None
    except RuleError as error:
        return None, error


def test_every_row_has_an_id_of_its_own() -> None:
    assert len({rule.id for rule in ROWS}) == len(ROWS)


def test_every_row_has_a_hash_of_its_own() -> None:
    assert len({rule.hash for rule in ROWS}) == len(ROWS)


@pytest.mark.parametrize("rule", ROWS, ids=lambda rule: rule.id)
def test_a_row_names_a_document_or_an_address(rule: Rule) -> None:
    assert any(mark in rule.source for mark in ("S001 L", "S002 L", "https://", "CORA", "ZOO"))


@pytest.mark.parametrize("rule", ROWS, ids=lambda rule: rule.id)
def test_a_row_is_found_by_its_own_scope_or_is_out_of_force(rule: Rule) -> None:
    if rule.valid_to is None or rule.valid_to > NOW.date():
        assert find(rule.table, rule.scope, NOW) == rule
    else:
        with pytest.raises(RuleError, match="has no row"):
            find(rule.table, rule.scope, NOW)


@given(rule=st.sampled_from(ROWS), at=INSTANTS, allow=st.booleans())
def test_resolving_gives_one_usable_row_or_raises_a_sentence(
    rule: Rule, at: datetime, allow: bool
) -> None:
    found, error = attempt(lambda: resolve(rule.table, rule.scope, at, allow))
    if error is not None:
        assert ";" in str(error)
        assert error.rule in (rule.id, rule.table)
    else:
        assert found is not None
        assert found.status == "confirmed" or (allow and found.status != "unknown")
        assert found.in_force(at.astimezone(JST).date())


@given(
    table=st.sampled_from(TABLES),
    scope=st.dictionaries(
        st.sampled_from(sorted({key for rule in ROWS for key in rule.scope})),
        st.sampled_from([value for rule in ROWS for value in rule.scope.values()]),
    ),
    at=INSTANTS,
)
def test_no_scope_and_instant_match_two_rows_or_none_in_silence(
    table: str, scope: dict[str, str], at: datetime
) -> None:
    found, error = attempt(lambda: find(table, scope, at))
    if error is not None:
        assert "rows for" not in str(error)  # never ambiguous
    else:
        assert isinstance(found, Rule)
        assert all(scope[key] == value for key, value in found.scope.items())


def test_a_missing_scope_is_named() -> None:
    with pytest.raises(RuleError, match="also depends on charge; say which"):
        resolve("fees", {"mode": "shared_general"}, NOW)


def test_an_unknown_rule_raises_whatever_is_allowed() -> None:
    scope = {"mode": "coalition_basic", "charge": "within_hours"}
    with pytest.raises(
        RuleError, match=r"fee\.coalition_basic\.within_hours .* is not known .*ask"
    ):
        resolve("fees", scope, NOW, allow_unconfirmed=True)


def test_a_planned_rule_needs_a_consent_that_names_it() -> None:
    scope = {"mode": "shared_general", "charge": "consumables"}
    with pytest.raises(RuleError, match=r"only planned .* must consent to fee"):
        resolve("fees", scope, NOW)
    with pytest.raises(RuleError, match="only planned"):
        resolve("fees", scope, NOW, allow_unconfirmed={"fee.shared_proprietary.beamline"})
    rule = resolve("fees", scope, NOW, allow_unconfirmed={"fee.shared_general.consumables"})
    assert (rule.value["amount"], rule.unit, rule.tax) == (1400, "JPY/h", "included")


def test_a_table_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(RuleError, match="no table 'prices' of rules; ask one of calls, deadlines"):
        rules("prices")


def test_a_term_that_was_not_published_has_no_row() -> None:
    with pytest.raises(RuleError, match=r"no row for term 2026B .* ask the user office"):
        resolve("terms", {"term": "2026B"}, NOW, allow_unconfirmed=True)


def test_the_day_turns_in_japan() -> None:
    scope = {"mode": "shared_general", "kind": "coalition"}
    first = datetime(2026, 3, 31, 15, tzinfo=UTC)
    assert resolve("modes", scope, first).id == "mode.shared_general.shared_slot"
    with pytest.raises(RuleError, match="2026-03-31"):
        resolve("modes", scope, first - timedelta(microseconds=1))


def test_a_row_is_in_force_through_its_last_day() -> None:
    scope = {"mode": "test_use", "kind": "shared"}
    last = datetime(2025, 2, 28, 23, 59, tzinfo=JST)
    assert resolve("modes", scope, last).id == "mode.test_use"
    with pytest.raises(RuleError, match="has no row"):
        resolve("modes", scope, last + timedelta(minutes=1))


def test_a_naive_instant_does_not_resolve() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        resolve("terms", {"term": "2026A"}, datetime(2026, 11, 22))


def test_rows_cannot_be_changed_by_whoever_reads_them() -> None:
    row = resolve("qualifications", {"qualification": "radiation_worker"}, NOW)
    with pytest.raises(TypeError):
        row.value["light"] = ("soft",)
    assert isinstance(row.value["light"], tuple)


def test_every_access_mode_has_rows_for_mode_duties_and_fees() -> None:
    modes = {rule.scope["mode"] for rule in rules("modes")}
    assert modes == set(ACCESS_MODES)
    for duty in ("report", "publication"):
        owed = {rule.scope["mode"] for rule in rules("duties") if rule.scope["duty"] == duty}
        assert owed == set(ACCESS_MODES)
    priced = {(rule.scope["mode"], rule.scope["charge"]) for rule in rules("fees")}
    for rule in rules("modes"):
        assert {(rule.scope["mode"], charge) for charge in rule.value["charges"]} <= priced


def test_all_ten_beamlines_have_a_station_and_three_are_shared() -> None:
    kinds = {rule.value["beamline"]: rule.value["kind"] for rule in rules("stations")}
    assert len(kinds) == 10
    shared = {beamline for beamline, kind in kinds.items() if kind == "shared"}
    assert shared == {"BL02U", "BL06U", "BL13U"}
    for rule in rules("stations"):
        body = {"shared": "QST", "coalition": "PhoSIC"}[rule.value["kind"]]
        assert rule.value["operator"] == body


def test_a_row_without_a_source_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Rule a\.b of table fees needs a scope, a source"):
        Rule("a.b", "fees", 1, {"mode": "x"}, "confirmed", "")


def test_an_error_survives_another_process() -> None:
    copy = pickle.loads(pickle.dumps(RuleError("a.rule", "A sentence.")))
    assert (copy.rule, str(copy)) == ("a.rule", "A sentence.")
