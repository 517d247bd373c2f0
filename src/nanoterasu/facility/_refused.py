"""The refusal: which rule, where it comes from, and what to do."""

from __future__ import annotations

from ._rules import RuleError

_KEY = "this software: the beamtime is the only key that opens a run"

# Where each condition comes from which is no row of a table.
CONDITIONS = {
    "example.twin": "this software: an example is nobody's beamtime",
    "operator.team": _KEY,
    "operator.service": "S001 L659, L667 (メールイン・測定代行)",
    "beamtime.station": _KEY,
    "beamtime.now": _KEY,
    "safety.review": "S001 L466",
    "safety.issuer": "S001 L425-426, L526-537",
    "mode.offered": "rules/modes.toml, which has no such row",
    "shared.slot": "S001 L514-522",
    "term.end": "https://user.nanoterasu.jp/?p=55",
    "hours.left": "the ledger; S001 L472-473 for members",
    "booking.time": "this software: what is past cannot be booked",
    "booking.station": "S001 L472-473",
    "booking.contract": "S001 L472-473",
    "booking.round": "S001 L665",
    "booking.hours": "S001 L472-473",
    "booking.overlap": "this software: one station, one user at a time",
}


class Refused(PermissionError):
    """What was asked is not allowed; ``rule`` is the id of the rule, the text says what to do.

    Parameters
    ----------
    rule
        Id of the rule: of a row, or of a condition of `CONDITIONS`.
    sentence
        What is refused, where, and what to do.
    source
        Where the rule comes from; that of the condition when not given.
    """

    def __init__(self, rule: str, sentence: str, source: str | None = None) -> None:
        source = source or CONDITIONS.get(rule)
        # A row's own sentence may have named its source already.
        said = f"; source: {source}" if source and source not in sentence else ""
        super().__init__(f"{sentence} [rule {rule}{said}]")
        self.rule = rule
        self.sentence = sentence
        self.source = source

    def __reduce__(self) -> tuple[type[Refused], tuple[str, str, str | None]]:
        return type(self), (self.rule, self.sentence, self.source)


def refusal(what: str, error: RuleError) -> Refused:
    """Return the refusal of ``what`` for a rule that could not be relied on."""
    return Refused(error.rule, f"{what} may not run: {error}", error.source)
