"""What the spool and Tiled hold is compared field by field; each kind of difference is seen."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from tiled.client import from_uri

from nanoterasu.records._compare import Difference, differences
from nanoterasu.records._writer import RunWriter

from .every_kind import Numbered, measure

pytestmark = pytest.mark.system


def send(records: Any, documents: Numbered) -> Any:
    """Store a run; return its client."""
    root = from_uri(records.server.uri, api_key=records.home.key())
    writer = RunWriter(root["unit-alpha"])
    for _, name, document in documents:
        writer(name, copy.deepcopy(document))
    writer.flush()
    return root["unit-alpha"][documents[0][2]["uid"]]


class Remembering(httpx.BaseTransport):
    """Asks the server once for each address: it answers for a run that nobody changes."""

    def __init__(self, asked: httpx.BaseTransport) -> None:
        self.asked = asked
        self.answers: dict[tuple[httpx.URL, str], httpx.Response] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert request.method == "GET"
        key = (request.url, request.headers["Accept"])
        if key not in self.answers:
            self.answers[key] = answer = self.asked.handle_request(request)
            answer.read()
            answer.headers.pop("Content-Encoding", None)
        known = self.answers[key]
        return type(known)(known.status_code, headers=known.headers, content=known.content)


@pytest.fixture(scope="module")
def documents() -> Numbered:
    return measure()


@pytest.fixture(scope="module")
def run(records: Any, documents: Numbered) -> Any:
    run = send(records, documents)
    http = run.context.http_client
    http._transport = Remembering(http._transport)
    return run


def test_what_was_stored_does_not_differ(run: Any, documents: Numbered) -> None:
    assert list(differences(run, documents)) == []


def test_rows_are_compared_in_parts_without_losing_the_place(
    run: Any, documents: Numbered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nanoterasu.records._compare._ROWS", 2)
    assert list(differences(run, documents)) == []
    changed = copy.deepcopy(documents)
    changed[8][2]["data"]["image"][0, 0] += 1
    assert [each.where for each in differences(run, changed)] == ["primary.image[4]"]


def the(kind: str, number: int = 0) -> Callable[[Numbered], dict[str, Any]]:
    return lambda documents: [doc for _, name, doc in documents if name == kind][number]


def put(*path: Any, to: Any) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = to

    return change


def take(*path: Any) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        del document[path[-1]]

    return change


CHANGES: dict[str, tuple[Any, Any, list[str]]] = {
    "a field of the start": (the("start"), put("sample", "name", to="K8"), ["start.sample.name"]),
    "a field that is gone": (the("start"), take("scan_id"), ["start.scan_id"]),
    "a new field": (the("start"), put("edge", to="Fe L3"), ["start.edge"]),
    "an item of a list": (the("start"), put("matrix", to=[[1, 0], [0, 2]]), ["start.matrix[1][1]"]),
    "the access tag": (
        the("start"),
        put("tiled_access_tags", to=["unit-beta"]),
        ["run access tags"],
    ),
    "the exit status": (the("stop"), put("exit_status", to="abort"), ["stop.exit_status"]),
    "units": (
        the("descriptor"),
        put("data_keys", "current", "units", to="V"),
        ["primary.data_keys.current.units"],
    ),
    "configuration": (
        the("descriptor", 1),
        put("configuration", "amplifier", "data", "gain", to=2.0),
        ["fast.configuration.amplifier.data.gain"],
    ),
    "later configuration": (
        the("descriptor", 2),
        put("configuration", "amplifier", "data", "gain", to=2.0),
        ["primary._config_updates[0].configuration.amplifier.data.gain"],
    ),
    "the instant of later configuration": (
        the("descriptor", 2),
        put("time", to=2.0),
        ["primary._config_updates[0].time"],
    ),
    "a sequence number": (the("event", 3), put("seq_num", to=9), ["primary.seq_num[3]"]),
    "the time of an event": (the("event", 3), put("time", to=9.0), ["primary.time[3]"]),
    "a number": (the("event", 1), put("data", "current", to=0.2), ["primary.current[1]"]),
    "a number in place of NaN": (
        the("event", 2),
        put("data", "current", to=0),
        ["primary.current[2]"],
    ),
    "an infinity": (the("event", 3), put("data", "current", to=-np.inf), ["primary.current[3]"]),
    "the last bit of an integer": (
        the("event", 3),
        put("data", "counts", to=2**62 + 4),
        ["primary.counts[3]"],
    ),
    "a truth": (the("event", 3), put("data", "open", to=False), ["primary.open[3]"]),
    "a text": (the("event", 3), put("data", "helicity", to="minus"), ["primary.helicity[3]"]),
    "an empty text": (the("event", 1), put("data", "helicity", to=None), ["primary.helicity[1]"]),
    "a renamed key": (the("event", 3), put("data", "time", to=9), ["primary.time_[3]"]),
    "a time stamp": (the("event", 3), put("timestamps", "wave", to=0.0), ["primary.ts_wave[3]"]),
    "one number of an array": (
        the("event", 3),
        put("data", "wave", 2, to=0.3),
        ["primary.wave[3]"],
    ),
    "a longer array": (the("event", 3), put("data", "wave", to=np.zeros(4)), ["primary.wave[3]"]),
    "one pixel": (the("event", 3), put("data", "image", 0, to=[3, 0]), ["primary.image[3]"]),
    "a word": (the("event", 3), put("data", "words", 0, to="Ni"), ["primary.words[3]"]),
    "a row of a page": (the("event_page"), put("data", "current", 1, to=0.2), ["fast.current[1]"]),
    "a time of a page": (the("event_page"), put("time", 6, to=0.2), ["fast.time[6]"]),
    "an array of a page": (
        the("event_page"),
        put("data", "wave", 4, to=np.zeros(3)),
        ["fast.wave[4]"],
    ),
}


@pytest.mark.parametrize("which", CHANGES)
def test_a_difference_is_seen_at_its_place(run: Any, documents: Numbered, which: str) -> None:
    changed = copy.deepcopy(documents)
    find, change, where = CHANGES[which]
    change(find(changed))
    found = list(differences(run, changed))
    assert [each.where for each in found][: len(where)] == where
    assert len({each.where.split("[")[0] for each in found}) == 1 or which == "the access tag"
    number = next(n for n, (_, _, doc) in enumerate(changed) if doc is find(changed))
    if "later" not in which:
        assert found[0].sequence == documents[number][0]


@pytest.mark.parametrize("at", [4, -2], ids=["an event", "a page"])
def test_a_document_too_many_or_too_few_is_seen(run: Any, documents: Numbered, at: int) -> None:
    without = [each for each in documents if each is not documents[at]]
    stream = "primary" if at == 4 else "fast"
    assert {each.where for each in differences(run, without)} >= {f"{stream}.seq_num"}
    twice = sorted([*documents, documents[at]], key=lambda each: each[0])
    assert {each.where for each in differences(run, twice)} >= {f"{stream}.seq_num"}


def test_rows_in_another_order_are_seen(run: Any, documents: Numbered) -> None:
    changed = list(documents)
    changed[3], changed[4] = changed[4], changed[3]
    assert "primary.seq_num[0]" in {each.where for each in differences(run, changed)}


def test_a_stream_that_is_missing_or_unknown_is_seen(run: Any, documents: Numbered) -> None:
    of_fast = {documents[2][2]["uid"]}
    without = [
        each
        for each in documents
        if each[2].get("descriptor", each[2]["uid"] if each[1] != "event_page" else "")
        not in of_fast
    ]
    assert [str(each) for each in differences(run, without)] == [
        "document 0, fast: the spool holds no such stream, Tiled a stream"
    ]


def test_a_run_that_is_not_there_is_one_difference(documents: Numbered) -> None:
    [found] = differences(None, documents)
    assert found == Difference(documents[0][2]["uid"], 11, "run", "its documents", "no such run")


def test_what_was_set_aside_must_not_be_in_tiled(records: Any, documents: Numbered) -> None:
    aside = documents[5][0]
    fresh = measure()
    run = send(records, [each for each in fresh if each[0] != aside])
    assert list(differences(run, fresh, aside={aside})) == []
    assert list(differences(run, fresh)) != []
    whole = send(records, documents := measure())
    assert list(differences(whole, documents, aside={aside})) != []


def test_a_run_without_its_stop_may_be_compared_and_then_with_it(records: Any) -> None:
    documents = measure()
    run = send(records, documents[:-1])
    assert list(differences(run, documents[:-1])) == []
    assert [each.where for each in differences(run, documents)] == ["stop"]


def test_no_report_tells_what_text_or_metadata_say(run: Any, documents: Numbered) -> None:
    changed = copy.deepcopy(documents)
    changed[0][2]["sample"]["name"] = "canary of company beta"
    changed[0][2]["concentration"] = 0.123456
    changed[4][2]["data"]["helicity"] = "canary of company beta"
    report = " ".join(map(str, differences(run, changed)))
    for word in ("canary", "alloy", "0.123456"):
        assert word not in report
    assert "start.sample.name: the spool holds text of 22 characters" in report
