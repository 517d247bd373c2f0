"""The contract of a coalition member: what no published rule says, stated by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ._people import code
from ._rules import RuleError

BASES = ("booked", "delivered", "used")
ROUNDINGS = ("up", "down", "nearest")


@dataclass(frozen=True, slots=True)
class Billing:
    """How hours are billed, as the contract states it; no default stands for it.

    Attributes
    ----------
    quantum_minutes
        Hours are billed in whole steps of this many minutes.
    rounding
        ``up``, ``down`` or ``nearest`` to a whole step; half a step goes up.
    basis
        Which hours: ``booked``, ``delivered`` or ``used``.
    loss_credit
        Whether hours lost by the facility are taken off booked hours.
    """

    quantum_minutes: int
    rounding: str
    basis: str
    loss_credit: bool

    def __post_init__(self) -> None:
        if not self.quantum_minutes > 0:
            raise ValueError(
                f"A billing step of {self.quantum_minutes} minutes makes no sense; give the "
                "contract's step, one minute or more."
            )
        for name, given, known in (
            ("rounding", self.rounding, ROUNDINGS),
            ("basis", self.basis, BASES),
        ):
            if given not in known:
                raise ValueError(
                    f"Billing has {name} {given!r}; give the contract's, one of {', '.join(known)}."
                )


@dataclass(frozen=True, slots=True)
class Contract:
    """A coalition contract; None where it does not say, and what needs it then raises.

    Attributes
    ----------
    membership_class
        As written in the contract; never computed from shares.
    shares
        How many kuchi.
    starts, ends
        First and last day.
    hours_per_year
        Of all its shares together, in one contract year [h].
    year_begins
        Month and day on which its year begins.
    rate
        Within the hours [JPY/h], tax excluded.
    billing
        How hours are billed.
    overrun_allowed, overrun_consented_by
        Whether, and by whose consent, may be measured beyond the hours.
    carry_over
        Whether hours that are left go over to the next year.
    branch_weight
        How much an hour at a branch station counts of an hour.
    """

    id: str
    organisation_id: str
    membership_class: str
    shares: int
    starts: date
    ends: date
    hours_per_year: float | None = None
    year_begins: tuple[int, int] | None = None
    rate: int | None = None
    billing: Billing | None = None
    overrun_allowed: bool = False
    overrun_consented_by: str | None = None
    carry_over: bool | None = None
    branch_weight: float | None = None

    def __post_init__(self) -> None:
        code(self.id, "Contract id")
        code(self.organisation_id, f"Organisation id of contract {self.id}")
        if self.year_begins is not None:
            object.__setattr__(self, "year_begins", tuple(self.year_begins))
        for problem, remedy in self._problems():
            raise ValueError(f"Contract {self.id} {problem}; {remedy}.")

    def _problems(self) -> list[tuple[str, str]]:
        """Return what is wrong, with what to do about it."""
        hours, weight = self.hours_per_year, self.branch_weight
        wrong = [
            (not self.membership_class, "has no membership class", "give the one written in it"),
            (self.shares < 1, f"has {self.shares} shares", "give one or more"),
            (
                self.ends < self.starts,
                f"ends on {self.ends}, before it starts on {self.starts}",
                "give an end after the start",
            ),
            (
                hours is not None and not 0 <= hours < float("inf"),
                f"has {hours} hours a year",
                "give the hours of the contract, zero or more",
            ),
            (
                self.rate is not None
                and (
                    not isinstance(self.rate, int) or isinstance(self.rate, bool) or self.rate < 0
                ),
                f"has a rate of {self.rate} JPY/h",
                "give whole yen, zero or more, tax excluded",
            ),
            (
                weight is not None and not 0 <= weight < float("inf"),
                f"counts a branch hour as {weight}",
                "give the weight of the contract, zero or more",
            ),
            (
                self.overrun_allowed and not self.overrun_consented_by,
                "allows an overrun by nobody's consent",
                "name who consented to it",
            ),
            (
                self.year_begins is not None and not _is_day(self.year_begins),
                f"has a year that begins on {self.year_begins}",
                "give a month and a day that every year has",
            ),
        ]
        return [(problem, remedy) for is_wrong, problem, remedy in wrong if is_wrong]

    def year_of(self, day: date) -> tuple[date, date]:
        """Return the first and last day of the contract year that holds ``day``.

        Raises
        ------
        RuleError
            When the contract does not say when its year begins, or does not hold on ``day``.
        """
        if self.year_begins is None:
            raise RuleError(
                "contract.year_begins",
                f"Contract {self.id} does not say on which day its year begins, so that hours on "
                f"{day} belong to no year; record the day which the contract gives.",
            )
        if not self.starts <= day <= self.ends:
            raise RuleError(
                "contract.dates",
                f"Contract {self.id} holds from {self.starts} to {self.ends}, not on {day}; "
                "give the contract which holds then.",
            )
        month, first = self.year_begins
        begins = date(day.year, month, first)
        if begins > day:
            begins = begins.replace(year=day.year - 1)
        return begins, begins.replace(year=begins.year + 1) - timedelta(days=1)


def _is_day(year_begins: tuple[int, ...]) -> bool:
    try:
        # A year without 29 February, since a contract year must begin in every year.
        date(2001, *year_begins)
    except (TypeError, ValueError):
        return False
    return len(year_begins) == 2
