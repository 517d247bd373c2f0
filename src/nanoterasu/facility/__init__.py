"""The rules of the facility: dated rows with sources, and pure functions that decide from them."""

from ._beamtime import ACCESS_MODES, COALITION_MODES, SHARED_MODES, Beamtime, Override, Slot
from ._booking import Booking, BookingPolicy
from ._contract import Billing, Contract
from ._decide import hours_left, may_run
from ._duties import Deadline, deadlines
from ._duty import Delegation, Duty
from ._fees import Component, charges, fee, station_weight
from ._flags import PROTECTED, flags
from ._given import SharedShare, may_be_given, shared_share
from ._hours import Hours, billable
from ._instants import JST, aware, said
from ._money import Yen, convert
from ._operator import may_operate
from ._people import Grant, Membership, Organisation, Person, Proposal, Unit
from ._refused import Refused
from ._roster import Roster
from ._round import closes, may_book
from ._rules import Rule, RuleError, find, resolve, rules
from ._tags import PUBLIC_TAG, analysis_tag, tags

__all__ = [
    "ACCESS_MODES",
    "COALITION_MODES",
    "JST",
    "PROTECTED",
    "PUBLIC_TAG",
    "SHARED_MODES",
    "Beamtime",
    "Billing",
    "Booking",
    "BookingPolicy",
    "Component",
    "Contract",
    "Deadline",
    "Delegation",
    "Duty",
    "Grant",
    "Hours",
    "Membership",
    "Organisation",
    "Override",
    "Person",
    "Proposal",
    "Refused",
    "Roster",
    "Rule",
    "RuleError",
    "SharedShare",
    "Slot",
    "Unit",
    "Yen",
    "analysis_tag",
    "aware",
    "billable",
    "charges",
    "closes",
    "convert",
    "deadlines",
    "fee",
    "find",
    "flags",
    "hours_left",
    "may_be_given",
    "may_book",
    "may_operate",
    "may_run",
    "resolve",
    "rules",
    "said",
    "shared_share",
    "station_weight",
    "tags",
]
