"""Hours of a beamtime: booked, delivered, lost and used; and those that a contract bills."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction

from ._contract import Billing
from ._money import rounded
from ._rules import RuleError


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of a beamtime as the ledger holds them [h].

    Attributes
    ----------
    booked
        Of its slots.
    delivered
        In which there was beam at the station.
    lost_by_facility, lost_by_user
        By whose cause there was no measurement.
    used
        In which was measured.
    """

    booked: float
    delivered: float
    lost_by_facility: float
    lost_by_user: float
    used: float

    def __post_init__(self) -> None:
        for each in fields(self):
            hours = getattr(self, each.name)
            if not 0 <= hours < float("inf"):
                raise ValueError(
                    f"{hours} hours {each.name.replace('_', ' ')} make no sense; "
                    "give hours, zero or more."
                )


def billable(hours: Hours, billing: Billing | None) -> float:
    """Return the hours which a contract bills [h].

    Parameters
    ----------
    hours
        From the ledger.
    billing
        As the contract states it.

    Raises
    ------
    RuleError
        When the contract states none.

    Examples
    --------
    >>> hours = Hours(8, 7, 1, 0, 6.3)
    >>> billable(hours, Billing(60, "up", "used", loss_credit=False))
    7.0
    >>> billable(hours, Billing(60, "up", "booked", loss_credit=True))
    7.0
    """
    return float(billed(hours, billing))


def billed(hours: Hours, billing: Billing | None) -> Fraction:
    """Return what `billable` returns, exactly."""
    if billing is None:
        raise RuleError(
            "contract.billing",
            "No billing is stated: by which step, rounded how, of booked, delivered or used "
            "hours, and whether lost hours are credited, no source says; record what the contract "
            "states, since it is never guessed.",
        )
    basis = exact(getattr(hours, billing.basis))
    if billing.loss_credit and billing.basis == "booked":
        # Delivered and used hours are without the loss already.
        basis = max(Fraction(0), basis - exact(hours.lost_by_facility))
    step = Fraction(billing.quantum_minutes, 60)
    return rounded(basis / step, billing.rounding, "steps") * step


def exact(hours: float) -> Fraction:
    """Return hours as whole milliseconds, so that 0.1 + 0.2 is not a step more than 0.3."""
    return Fraction(round(hours * 3_600_000), 3_600_000)
