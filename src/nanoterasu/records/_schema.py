"""The versioned schema of the start document's protected keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ._errors import StartDocumentError

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

START_SCHEMA = "nanoterasu-start-1"
"""Value that a start document carries under the key ``start_schema``."""


def start_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) that `validate_start` applies.

    >>> start_schema()["title"]
    'nanoterasu-start-1'
    """
    text = (
        files("nanoterasu.records").joinpath("schemas", "start-1.json").read_text(encoding="utf-8")
    )
    return json.loads(text)


def validate_start(doc: Mapping[str, Any]) -> None:
    """Refuse a start document whose protected keys are missing or malformed.

    Call it before ``open_run``: a document that passes can be filed under its access tags.
    Free keys (``technique``, ``edge``, ``sample``, …) are not looked at.

    Parameters
    ----------
    doc
        The metadata of a run, with ``start_schema`` set to `START_SCHEMA`.

    Raises
    ------
    StartDocumentError
        Names the first offending key and the reason.
    """
    errors = sorted(_validator().iter_errors(dict(doc)), key=lambda e: (len(e.path), e.message))
    if errors:
        key, reason = _explain(errors[0])
        raise StartDocumentError(
            f"The start document is refused: {key} {reason} (schema {START_SCHEMA}). The run is "
            "not opened; the session sets the protected keys from the active beamtime, so open "
            "the session again or have the beamtime corrected in the office."
        )


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(start_schema())


def _explain(error: ValidationError) -> tuple[str, str]:
    """Return the key and the reason of a validation error, in words."""
    where = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "required":
        required: Any = error.validator_value
        missing = next(key for key in required if key not in error.instance)
        return f"key {where + '.' + missing if where else missing!r}", "is missing"
    reason = {
        "type": f"must be {_either(error.validator_value)}, not {error.instance!r}",
        "enum": f"must be one of {error.validator_value}, not {error.instance!r}",
        "const": f"must be {error.validator_value!r}, not {error.instance!r}",
        "minItems": "must not be empty",
        "minLength": "must not be an empty string",
        "uniqueItems": f"must not repeat itself: {error.instance!r}",
        "pattern": f"must match {error.validator_value}, not {error.instance!r}",
    }.get(str(error.validator), error.message)
    return f"key {where!r}", reason


def _either(kinds: object) -> str:
    return " or ".join(map(str, kinds)) if isinstance(kinds, list) else str(kinds)
