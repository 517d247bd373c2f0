"""Values that the facility must state before what needs them can be done; none has a default."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from nanoterasu.facility import BookingPolicy, RuleError

from ._plain import built, plain
from ._schema_time import SettingRow

# Settings that are more than a number or a text, by name.
SHAPES: dict[str, type] = {"booking_policy": BookingPolicy}


def setting_of(session: Session, name: str) -> Any:
    """Return the value of a setting.

    Raises
    ------
    RuleError
        When it is not set, with ``rule`` set to ``setting.<name>``.
    """
    row = session.get(SettingRow, name)
    if row is None:
        raise RuleError(
            f"setting.{name}",
            f"The office has not set {name}, which no source states and which is not guessed; "
            "have the user office set it, with its reason.",
        )
    shape = SHAPES.get(name)
    return row.value if shape is None else built(shape, row.value, f"setting {name}")


def put_setting(session: Session, name: str, value: Any) -> tuple[Any, Any]:
    """Keep the value of a setting; return what stood there and what stands now, plain.

    Raises
    ------
    ValueError
        When the value is no such setting's.
    """
    now = plain(value)
    if name in SHAPES:
        built(SHAPES[name], now, f"setting {name}")
    row = session.get(SettingRow, name)
    before = None if row is None else row.value
    session.merge(SettingRow(name=name, value=now))
    session.flush()
    return before, now


def all_settings(session: Session) -> dict[str, Any]:
    """Return the value of every setting that is set, by name."""
    names = session.scalars(select(SettingRow.name).order_by(SettingRow.name))
    return {name: setting_of(session, name) for name in names}
