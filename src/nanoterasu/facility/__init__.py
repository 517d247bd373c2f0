"""The rules of the facility: dated rows with sources, and pure functions that decide from them."""

from ._beamtime import ACCESS_MODES, COALITION_MODES, SHARED_MODES, Beamtime, Override, Slot
from ._decide import Refused, hours_left, may_run
from ._flags import PROTECTED, flags, tags
from ._instants import JST, aware, said
from ._people import Membership, Organisation, Person, Proposal, Roster, Unit
from ._rules import Rule, RuleError, find, resolve, rules

__all__ = [
    "ACCESS_MODES",
    "COALITION_MODES",
    "JST",
    "PROTECTED",
    "SHARED_MODES",
    "Beamtime",
    "Membership",
    "Organisation",
    "Override",
    "Person",
    "Proposal",
    "Refused",
    "Roster",
    "Rule",
    "RuleError",
    "Slot",
    "Unit",
    "aware",
    "find",
    "flags",
    "hours_left",
    "may_run",
    "resolve",
    "rules",
    "said",
    "tags",
]
