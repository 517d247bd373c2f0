"""What bluesky does for every message and every document, at a fraction of the cost.

The guarantees are bluesky's and event-model's own: a plan that is never iterated warns with the
same words, the same documents are accepted and refused, and a trace that is recorded carries the
same attributes.  Measured, and put to the maintainers, in ``docs/upstream/`` 11 to 13.
"""

from __future__ import annotations

import linecache
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

import bluesky.run_engine
import event_model
import numpy as np
from bluesky.utils import Plan
from event_model import DocumentNames

_EVENT_KEYS = frozenset(
    {"uid", "time", "data", "timestamps", "seq_num", "filled", "descriptor"}
)  # of an event and of a page alike, as bluesky composes them
_NUMBERS = frozenset({int, float, np.float64})
_NOTES = frozenset({bool, str})  # what `filled` may say

_guard = threading.Lock()
_users = 0
_undo = ExitStack()


@contextmanager
def cheaper_steps() -> Iterator[None]:
    """Let this process take bluesky's steps at less cost while the block is entered.

    It may be entered again within; the last to leave puts back what was there.
    """
    global _users
    with _guard:
        if _users == 0:
            _install()
        _users += 1
    try:
        yield
    finally:
        with _guard:
            _users -= 1
            if _users == 0:
                _undo.close()


def _install() -> None:
    _replace(Plan, "__init__", _init_plan)
    validators = event_model.schema_validators
    plain = {DocumentNames.event: plain_event, DocumentNames.event_page: plain_page}
    for name, is_plain in plain.items():
        _undo.callback(validators.__setitem__, name, validators[name])
        validators[name] = _PlainFirst(validators[name], is_plain)
    describe = bluesky.run_engine._set_span_msg_attributes

    def describe_recorded(span: Any, msg: Any) -> None:
        if span.is_recording():
            describe(span, msg)

    _replace(bluesky.run_engine, "_set_span_msg_attributes", describe_recorded)


def _replace(owner: Any, name: str, new: Any) -> None:
    _undo.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, new)


# A plan that is never iterated


def _init_plan(self: Any, f: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Do as `bluesky.utils.Plan.__init__`, which formats the stack of every plan ever made."""
    self._iter = f(*args, **kwargs)
    warning = (
        f"RuntimeWarning: plan `{f.__name__}` was never iterated, did you mean to use `yield from`?"
    )
    # Two frames up: past this one and the wrapper that `bluesky.utils.plan` made.
    self._stack = _Called(sys._getframe(2), warning)


class _Called:
    """Lines of `traceback.format_stack` and one more, formatted only when somebody reads them.

    Keeps code and line numbers rather than frames, which would keep all their variables alive.
    """

    __slots__ = ("_end", "_places")

    def __init__(self, frame: FrameType | None, end: str) -> None:
        places = []
        while frame is not None:
            code = frame.f_code
            if code.co_filename not in linecache.cache:
                # The only way to lines that are in no file, as of a module in an archive.
                linecache.lazycache(code.co_filename, frame.f_globals)
            places.append((code, frame.f_lineno))
            frame = frame.f_back
        self._places = places
        self._end = end

    def __iter__(self) -> Iterator[str]:
        places = self._places
        limit = getattr(sys, "tracebacklimit", None)
        if limit is not None:
            places = places[: max(0, limit - 2)]  # the two innermost are not told
        for filename in {code.co_filename for code, _ in places}:
            linecache.checkcache(filename)
        yield from traceback.StackSummary.from_list(
            traceback.FrameSummary(code.co_filename, line, code.co_name, lookup_line=False)
            for code, line in reversed(places)
        ).format()
        yield self._end


# Documents whose every value is plainly of the expected type


class _PlainFirst:
    """A schema's validator that asks the schema only about what is not plainly right."""

    def __init__(self, schema: Any, is_plain: Callable[[Any], bool]) -> None:
        self._schema = schema
        self._is_plain = is_plain

    def validate(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        if args or kwargs or not self._is_plain(instance):
            self._schema.validate(instance, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._schema, name)


def plain_event(event: Any) -> bool:
    """Return whether ``event`` is right at first sight; False says nothing."""
    return (
        type(event) is dict
        and event.keys() == _EVENT_KEYS
        and type(event["uid"]) is str
        and type(event["descriptor"]) is str
        and type(event["seq_num"]) is int
        and type(event["time"]) in _NUMBERS
        and type(event["data"]) is dict
        and type(event["timestamps"]) is dict
        and type(event["filled"]) is dict
        and _NOTES.issuperset(map(type, event["filled"].values()))
    )


def plain_page(page: Any) -> bool:
    """Return whether ``page`` is right at first sight; False says nothing.

    Every element is looked at, by loops in C.
    """
    return (
        type(page) is dict
        and page.keys() == _EVENT_KEYS
        and type(page["descriptor"]) is str
        and _all(page["uid"], frozenset({str}))
        and _all(page["seq_num"], frozenset({int}))
        and (_all(page["time"], _NUMBERS) or _row_of_numbers(page["time"]))
        and _columns(page["data"])
        and _columns(page["timestamps"])
        and type(page["filled"]) is dict
        and all(_all(column, _NOTES) for column in page["filled"].values())
    )


def _all(column: Any, kinds: frozenset[type]) -> bool:
    return type(column) in (list, tuple) and kinds.issuperset(map(type, column))


def _row_of_numbers(column: Any) -> bool:
    return type(column) is np.ndarray and column.ndim == 1 and column.dtype.kind in "fiu"


def _columns(columns: Any) -> bool:
    """Whether each is an array, of whatever: the schema asks no more of them."""
    return type(columns) is dict and all(
        type(column) in (list, tuple) or (type(column) is np.ndarray and column.ndim > 0)
        for column in columns.values()
    )
