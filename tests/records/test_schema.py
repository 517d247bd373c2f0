from __future__ import annotations

from typing import Any

import pytest

from nanoterasu.records import START_SCHEMA, StartDocumentError, start_schema, validate_start


def good(**changes: Any) -> dict[str, Any]:
    return {
        "start_schema": START_SCHEMA,
        "facility": "NanoTerasu",
        "beamline": "BL13U",
        "station": "BL13U",
        "beamtime_id": "BT-1",
        "term": "2026B",
        "access_mode": "coalition",
        "review_body": None,
        "proposal_id": None,
        "booking_id": "BK-1",
        "unit_id": "alpha",
        "organisation_id": "alpha",
        "membership_class": None,
        "contract_id": None,
        "domain": "competitive",
        "proprietary": True,
        "confidentiality": "unit",
        "result_duty": {"report_due": None, "publication_due": "2027-03-31", "rule_ids": []},
        "fee_rule_id": None,
        "shared_slot": False,
        "operator": "alpha-member",
        "on_behalf_of": None,
        "measurement_service": "none",
        "safety_review_id": None,
        "tiled_access_tags": ["unit-alpha"],
        "software": {"versions": {"bluesky": "1.15.1"}, "commit": None},
        "rules": [{"id": "fee", "hash": "0123456789abcdef"}],
        "overrides": [],
    } | changes


def test_a_complete_start_document_passes() -> None:
    validate_start(good(technique="XAS", sample={"id": "s1"}))


def test_the_schema_itself_is_valid() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(start_schema())


@pytest.mark.parametrize("key", sorted(good()))
def test_a_missing_protected_key_is_named(key: str) -> None:
    doc = good()
    del doc[key]
    with pytest.raises(StartDocumentError, match=f"'{key}' is missing"):
        validate_start(doc)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"domain": "secret"}, r"'domain' must be one of .*competitive.* not 'secret'"),
        ({"confidentiality": "company"}, r"'confidentiality' must be one of"),
        ({"tiled_access_tags": []}, r"'tiled_access_tags' must not be empty"),
        ({"tiled_access_tags": "unit-alpha"}, r"'tiled_access_tags' must be array"),
        ({"tiled_access_tags": ["public"]}, r"'tiled_access_tags.0' must match"),
        ({"tiled_access_tags": ["unit-a/../b"]}, r"'tiled_access_tags.0' must match"),
        ({"tiled_access_tags": ["proposal-x"]}, r"'tiled_access_tags.0' must match \^unit-"),
        ({"unit_id": None}, r"'unit_id' must be string"),
        ({"proprietary": "yes"}, r"'proprietary' must be boolean"),
        ({"rules": [{"id": "fee"}]}, r"'rules.0.hash' is missing"),
        ({"operator": ""}, r"'operator' must not be an empty string"),
        ({"software": {"versions": {}}}, r"'software.commit' is missing"),
        ({"start_schema": "nanoterasu-start-0"}, r"'start_schema' must be 'nanoterasu-start-1'"),
        ({"result_duty": {"report_due": "soon", "publication_due": None, "rule_ids": []}}, "due"),
    ],
)
def test_a_malformed_protected_key_is_explained(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(StartDocumentError, match=says):
        validate_start(good(**changes))


def test_a_public_proposal_of_a_missing_domain_passes() -> None:
    public = {"unit_id": None, "domain": None, "proprietary": False, "confidentiality": "proposal"}
    validate_start(good(**public, proposal_id="p1", tiled_access_tags=["proposal-p1"]))
