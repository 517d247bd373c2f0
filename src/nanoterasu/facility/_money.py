"""Money: whole yen with their tax basis, which never mix; converted by a dated row only."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from ._rules import Rule, resolve

TAXES = ("included", "excluded")
_ROUND = {
    "up": math.ceil,
    "down": math.floor,
    "nearest": lambda exact: math.floor(exact + Fraction(1, 2)),
}


@dataclass(frozen=True, slots=True)
class Yen:
    """An amount in whole yen, with tax or without; ``about`` where the source says so.

    >>> Yen(60_000, "excluded") + Yen(5_000, "excluded")
    Yen(amount=65000, tax='excluded', about=False)
    """

    amount: int
    tax: str
    about: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.amount, int) or isinstance(self.amount, bool):
            raise ValueError(f"{self.amount!r} yen are no whole yen; round by a stated rule first.")
        if self.tax not in TAXES:
            raise ValueError(
                f"{self.amount} yen have tax {self.tax!r}; give one of {', '.join(TAXES)}."
            )

    def __str__(self) -> str:
        return f"{'about ' if self.about else ''}{self.amount:,} JPY (tax {self.tax})"

    def __add__(self, other: Yen) -> Yen:
        """Return the sum of two exact amounts of one tax basis.

        Raises
        ------
        ValueError
            When one has tax and the other has not, or one is only about.
        """
        if not isinstance(other, Yen):
            return NotImplemented
        if self.tax != other.tax:
            raise ValueError(
                f"{self} and {other} do not add up; convert one of them first, by a dated tax row."
            )
        if self.about or other.about:
            raise ValueError(
                f"{self} and {other} make no total, since one of them is only about; "
                "list both, and ask the user office for the exact price."
            )
        return Yen(self.amount + other.amount, self.tax)

    def times(self, factor: Fraction | int, rounding: str | None = None) -> Yen:
        """Return ``factor`` times the amount.

        Parameters
        ----------
        factor
            Exact, such as hours as a fraction.
        rounding
            ``up``, ``down`` or ``nearest`` to a whole yen; without it a part of a yen raises.

        Raises
        ------
        ValueError
            When the result is no whole yen and no rounding was stated.
        """
        return Yen(rounded(Fraction(factor) * self.amount, rounding), self.tax, self.about)


def rounded(exact: Fraction, rounding: str | None, what: str = "yen") -> int:
    """Return ``exact`` as a whole number, by a stated rounding; half goes up in ``nearest``.

    Raises
    ------
    ValueError
        When it is not whole and no rounding, or one that is not known, was stated.
    """
    if exact.denominator == 1:
        return exact.numerator
    if rounding not in _ROUND:
        raise ValueError(
            f"{float(exact):.6g} {what} are not whole and the rounding stated is {rounding!r}; no "
            f"rule says how to round: give one of {', '.join(_ROUND)} which was agreed upon."
        )
    return _ROUND[rounding](exact)


def convert(
    yen: Yen,
    to: str,
    at: datetime,
    *,
    rounding: str | None,
    allow_unconfirmed: bool | Collection[str] = False,
) -> tuple[Yen, Rule]:
    """Return an amount on the other tax basis, and the dated tax row that it was converted by.

    Parameters
    ----------
    yen
        What to convert.
    to
        ``included`` or ``excluded``.
    at
        Instant whose tax applies.
    rounding
        To whole yen, as in `rounded`; stated by the caller, since no source states it.
    allow_unconfirmed
        As for `resolve`; the row of the tax is not confirmed.

    Raises
    ------
    RuleError
        When no row gives the rate, or it is not confirmed and not consented to.
    ValueError
        When ``to`` is no tax basis, or the result is not whole and no rounding is stated.
    """
    if to not in TAXES:
        raise ValueError(f"{yen} cannot be converted to tax {to!r}; give one of {TAXES}.")
    row = resolve("tax", {"tax": "consumption"}, at, allow_unconfirmed)
    if to == yen.tax:
        return yen, row
    rate = 1 + Fraction(row.value["percent"]) / 100
    exact = yen.amount * rate if to == "included" else yen.amount / rate
    return Yen(rounded(exact, rounding), to, yen.about), row
