"""The session's values stand in every start document, whatever is tried; or no run opens."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import numpy as np
import pytest
from bluesky import RunEngine
from bluesky.preprocessors import msg_mutator
from bluesky.run_engine import Dispatcher
from bluesky.utils import Msg
from event_model import DocumentNames
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ophyd.sim import SynSignal

from nanoterasu.facility import PROTECTED
from nanoterasu.records import Spool, SpoolReader
from nanoterasu.session import ProtectedKeyError
from nanoterasu.session._copies import own_copy

det: Any = SynSignal(name="det", func=lambda: 1.0)
GUARDED = sorted({*PROTECTED, "start_schema", "twin"})

words = st.text(max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
names = st.one_of(st.sampled_from(GUARDED), st.sampled_from(["uid", "time", "sample"]), words)
metadata = st.dictionaries(names, values, max_size=4)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(of_plan=metadata, of_engine=metadata, of_call=metadata, of_source=metadata)
def test_whatever_is_given_the_start_document_is_the_sessions_or_no_run_opens(
    endstation: Any,
    of_plan: dict[str, Any],
    of_engine: dict[str, Any],
    of_call: dict[str, Any],
    of_source: dict[str, Any],
) -> None:
    endstation.documents.clear()
    engine = endstation.engine()
    expected = endstation.gate()({})

    def source(md: dict[str, Any]) -> int:
        md.update(of_source)
        return 1

    engine.md = UserDict(of_engine)
    engine.scan_id_source = source
    engine.md_validator = lambda md: md.update(of_source)
    refused = False
    try:
        engine(bp.count([det], md=of_plan), **of_call)
    except Exception:  # noqa: BLE001 - whatever strange metadata provoke, no run may be open
        refused = True
    starts = [doc for name, doc in endstation.documents if name == "start"]
    assert [{key: doc[key] for key in GUARDED} for doc in starts] in (
        [],
        [{key: expected[key] for key in GUARDED}],
    )
    assert refused == (not starts)
    assert engine.state == "idle"


class TwoFaced(dict):
    """Shows nothing of what it holds to the first who looks."""

    looks = 0

    def __iter__(self) -> Iterator[str]:
        TwoFaced.looks += 1
        return iter(()) if TwoFaced.looks == 1 else super().__iter__()

    def __deepcopy__(self, memo: object) -> TwoFaced:
        return self


class Chameleon(str):
    """A key that equals nothing, until it is written."""

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0


@pytest.mark.parametrize("lie", [TwoFaced(unit_id="EX-U2"), {Chameleon("unit_id"): "EX-U2"}])
def test_a_mapping_that_lies_opens_no_run_for_another_unit(endstation: Any, lie: Any) -> None:
    engine = endstation.engine()
    engine.md = lie
    try:
        engine(bp.count([det]))
    except ProtectedKeyError:
        assert endstation.documents == []
    else:
        assert endstation.documents[0][1]["unit_id"] == "EX-U1"


def test_a_preprocessor_that_rewrites_open_run_is_refused(endstation: Any) -> None:
    engine = endstation.engine()

    def claim(message: Msg) -> Msg:
        if message.command != "open_run":
            return message
        return message._replace(kwargs=message.kwargs | {"unit_id": "EX-U2"})

    engine.preprocessors.append(lambda plan: msg_mutator(plan, claim))
    with pytest.raises(ProtectedKeyError, match=r"^unit_id:"):
        engine(bp.count([det]))
    assert endstation.documents == []


def test_a_command_of_ones_own_cannot_open_a_run_past_the_gate(
    endstation: Any, spool: Spool
) -> None:
    engine = endstation.engine(journal=spool)

    async def open_mine(message: Msg) -> None:
        forged = {"uid": "forged", "time": 0.0, "unit_id": "EX-U2"}
        await engine.emit(DocumentNames.start, forged)

    engine.register_command("open_run", open_mine)
    with pytest.raises(ProtectedKeyError, match="not carry what the session set"):
        engine(bp.count([det]))
    with SpoolReader(spool.folder) as reader:
        assert reader.last() == 0


def test_a_bundler_of_ones_own_cannot_change_what_the_gate_gave(endstation: Any) -> None:
    engine = endstation.engine()

    class Bundler(type(engine).RunBundler):  # pyright: ignore[reportUntypedBaseClass]
        def __init__(self, md: dict[str, Any], *rest: Any, **more: Any) -> None:
            super().__init__(md | {"unit_id": "EX-U2"}, *rest, **more)

    type(engine).RunBundler = Bundler
    try:
        with pytest.raises(ProtectedKeyError, match="not carry what the session set"):
            engine(bp.count([det]))
    finally:
        del type(engine).RunBundler
    assert endstation.documents == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("md_normalizer", dict),
        ("_gate", dict),
        ("_journal", print),
        ("emit_sync", print),
        ("emit", print),
        ("dispatcher", Dispatcher()),
    ],
)
def test_what_sets_whose_a_run_is_cannot_be_replaced(
    endstation: Any, name: str, value: Any
) -> None:
    engine = endstation.engine()
    with pytest.raises(ProtectedKeyError, match="cannot be replaced"):
        setattr(engine, name, value)
    engine(bp.count([det]))
    assert endstation.documents[0][1]["unit_id"] == "EX-U1"


def test_a_descriptor_of_a_run_that_the_session_did_not_open_is_not_recorded(
    endstation: Any, spool: Spool
) -> None:
    engine: RunEngine = endstation.engine(journal=spool)
    forged = {"uid": "d", "run_start": "somebody-elses", "name": "primary", "data_keys": {}}
    with pytest.raises(ProtectedKeyError, match="did not open"):
        engine.emit_sync(DocumentNames.descriptor, forged)
    with SpoolReader(spool.folder) as reader:
        assert reader.last() == 0


def spoil(name: str, doc: dict[str, Any]) -> None:
    """Change everything that can be reached in a document."""
    for value in list(doc.values()):
        if isinstance(value, dict):
            spoil(name, value)
        elif isinstance(value, list):
            value.clear()
        elif isinstance(value, np.ndarray):
            value[...] = 0
    doc.clear()
    doc.update(uid="spoilt", unit_id="EX-U2", run_start="spoilt", tiled_access_tags=["unit-EX-U2"])


def test_bluesky_alone_lets_a_subscriber_change_whose_a_descriptor_is() -> None:
    # What the copies are for: when this fails, try without them.
    engine, seen = RunEngine(), []

    def change(name: str, doc: dict[str, Any]) -> None:
        seen.append(doc.get("run_start"))
        doc["uid"] = "changed"

    engine.subscribe(change)
    engine(bp.count([det]))
    assert seen[1] == "changed"


@pytest.mark.parametrize("way", ["subscribe", "of the dispatcher", "of the call"])
def test_a_subscriber_that_spoils_documents_spoils_its_own_alone(
    endstation: Any, spool: Spool, way: str
) -> None:
    wave: Any = SynSignal(name="wave", func=lambda: np.arange(3.0))
    later: list[tuple[str, dict[str, Any]]] = []
    engine = endstation.engine(journal=spool)
    ways: dict[str, Callable[[], object]] = {
        "subscribe": lambda: engine.subscribe(spoil),
        "of the dispatcher": lambda: engine.dispatcher.subscribe(spoil),
        "of the call": lambda: None,
    }
    ways[way]()
    engine.subscribe(lambda name, doc: later.append((name, doc)))

    def plan() -> Any:
        yield from bps.open_run({"sample": {"name": "free"}})
        for _ in range(2):
            yield from bps.trigger_and_read([det, wave])
        yield from bps.close_run()

    engine(plan(), *([[spoil]] if way == "of the call" else []))
    with SpoolReader(spool.folder) as reader:
        kept = [(name, doc) for _, name, doc in reader.documents()]
    assert [name for name, _ in kept] == ["start", "descriptor", "event", "event", "stop"]
    uid = kept[0][1]["uid"]
    assert kept[0][1]["unit_id"] == "EX-U1"
    assert kept[0][1]["sample"] == {"name": "free"}
    assert kept[1][1]["run_start"] == kept[-1][1]["run_start"] == uid
    assert [doc["data"]["wave"].tolist() for name, doc in kept if name == "event"] == [
        [0.0, 1.0, 2.0]
    ] * 2
    assert repr(later) == repr(kept)


def test_a_copy_shares_nothing_with_its_original() -> None:
    given = {"a": [1, {"b": (np.zeros(2), {3})}], "c": np.array([[1]], dtype=object)}
    copied = own_copy(given)
    assert repr(copied) == repr(given)
    copied["a"][1]["b"][0][0] = 9
    copied["a"][1]["b"][1].add(4)
    copied["c"][0, 0] = 2
    assert repr(given) == repr(
        {"a": [1, {"b": (np.zeros(2), {3})}], "c": np.array([[1]], dtype=object)}
    )


def test_a_key_that_is_no_word_opens_no_run(endstation: Any) -> None:
    engine = endstation.engine()
    strange: Mapping[Any, Any] = {1: "one"}
    engine.md = strange
    with pytest.raises(ProtectedKeyError, match="key 1, which is no word"):
        engine(bp.count([det]))
    assert endstation.documents == []
