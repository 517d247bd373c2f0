"""Words that name a customer or a sample, and a log that does without them."""

from __future__ import annotations

import dataclasses
import json
import logging
import re
import threading
from collections.abc import Iterator, Mapping
from inspect import isgenerator
from typing import Any

from nanoterasu.facility import PROTECTED

# What bluesky and the plans write themselves; the names of devices and plans keep a log readable.
_OWN = frozenset(
    {
        *("uid", "time", "scan_id", "versions", "hints", "technique", "start_schema", "twin"),
        *("plan_name", "plan_type", "plan_args", "plan_pattern", "plan_pattern_module"),
        *("plan_pattern_args", "detectors", "motors", "num_points", "num_intervals"),
        *("dimensions", "regions", "spectra", "shape", "extents", "snaking"),
    }
)
_SHORT = 5  # characters; a shorter word is withheld only where it stands alone
_DEPTH = 12


class Withheld:
    """The words of a session's free metadata, and text without them.

    >>> words = Withheld()
    >>> words.learn_start({"sample": "alloy K7", "plan_name": "xas", "uid": "0123456789ab"})
    >>> words.without("xas of alloy K7 failed")
    'xas of [run 01234567] failed'
    """

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._spelled: dict[str, str] = {}  # the same in every spelling
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def learn(self, *sources: Any) -> None:
        """Withhold every string among the free values of metadata, and what a plan holds of them.

        Parameters
        ----------
        sources
            Mappings of metadata; plans, whose arguments are looked at before they run.
        """
        found = {text for source in sources for text in _strings(source, _DEPTH, _OWN)}
        self._withhold(found, "[withheld]")

    def learn_start(self, start: Mapping[str, Any]) -> None:
        """Withhold the free words of a start document, with the run's short uid for a code."""
        free = {key: value for key, value in start.items() if key not in PROTECTED}
        self._withhold(set(_strings(free, _DEPTH, _OWN)), f"[run {start['uid'][:8]}]")

    def _withhold(self, found: set[str], code: str) -> None:
        with self._lock:
            for text in found:
                for part in (text, *filter(_telling, re.split(r"[\s,;:/()'\"]+", text))):
                    if len(part.strip()) > 1:
                        self._codes[part] = code
            spelled = {
                form: code for text, code in self._codes.items() for form in _spellings(text)
            }
            # The longest first: one word may begin another.
            forms = "|".join(_alone(form) for form in sorted(spelled, key=len, reverse=True))
            self._spelled, self._pattern = spelled, re.compile(forms) if forms else None

    def without(self, text: str) -> str:
        """Return ``text`` with a code for each word that is withheld."""
        with self._lock:
            if self._pattern is None:
                return text
            return self._pattern.sub(lambda found: self._spelled[found[0]], text)

    def forget(self) -> None:
        """Withhold nothing: the words themselves belong to the party that leaves."""
        with self._lock:
            self._codes.clear()
            self._spelled.clear()
            self._pattern = None


class Discreet(logging.Formatter):
    """Formats a record, its traceback too, without the words that are withheld."""

    def __init__(self, withheld: Withheld) -> None:
        super().__init__("%(asctime)s %(name)s %(levelname)s %(message)s")
        self._withheld = withheld

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text, without what is withheld."""
        text = super().format(record)
        record.exc_text = None  # kept by the base class in clear, for the next handler
        return self._withheld.without(text)


def _strings(value: Any, depth: int, skipped: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield every string in ``value``; of a mapping, not those under the ``skipped`` keys."""
    if depth == 0:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in skipped:
                yield from _strings(item, depth - 1, _OWN if key == "md" else frozenset())
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _strings(item, depth - 1)
    elif isgenerator(value) and value.gi_frame is not None:
        # A plan that has not begun: what it was called with.
        yield from _strings(dict(value.gi_frame.f_locals), depth - 1, _OWN)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for part in dataclasses.fields(value):
            yield from _strings(getattr(value, part.name), depth - 1)


def _telling(word: str) -> bool:
    """Whether one word of many may tell by itself who or what: a name or a number."""
    return word != word.lower() or not word.isascii() or any(c.isdigit() for c in word)


def _spellings(text: str) -> set[str]:
    """Return ``text`` as it may stand in a log: plain, in a `repr`, in JSON."""
    return {text, repr(text)[1:-1], json.dumps(text)[1:-1]}


def _alone(form: str) -> str:
    escaped = re.escape(form)
    return rf"(?<!\w){escaped}(?!\w)" if len(form) < _SHORT else escaped
