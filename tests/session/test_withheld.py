"""Logs, titles and progress carry codes, not the words of a customer."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import pytest
from ophyd.sim import SynSignal

from nanoterasu.session import SessionEngine, Watching, log_to_file
from nanoterasu.session._console import end_log
from nanoterasu.session._titles import title
from nanoterasu.session._withheld import Withheld

det: Any = SynSignal(name="det", func=lambda: 1.0)
SECRETS = {
    "sample": {"name": "alloy 'K7'\n for wheels", "id": "S-0815"},
    "purpose": "ナノ fatigue",
    "customer": ["Company Alpha"],
}


@pytest.fixture
def logged(tmp_path: Path, endstation: Any) -> Iterator[tuple[SessionEngine, Path]]:
    withheld, path = Withheld(), tmp_path / "run" / "session.log"
    handler = log_to_file(path, withheld)
    logging.getLogger("bluesky").setLevel("DEBUG")
    yield SessionEngine(endstation.gate(), lambda name, doc: None, withheld=withheld), path
    logging.getLogger("bluesky").setLevel("NOTSET")
    end_log(handler)


def assert_discreet(path: Path) -> str:
    text = path.read_text()
    assert text
    for word in ("K7", "wheels", "S-0815", "fatigue", "Company Alpha"):
        assert word not in text
    return text


def failing(md: dict[str, Any], *, opens: bool) -> Any:
    if opens:
        yield from bps.open_run(md)
    yield from bps.null()
    raise RuntimeError(f"{md['sample']['name']} fell off; {md!r}; {json.dumps(md)}")


@pytest.mark.parametrize("opens", [True, False])
def test_the_traceback_of_a_failing_plan_has_codes_for_the_free_words(
    logged: tuple[SessionEngine, Path], opens: bool
) -> None:
    engine, path = logged
    with pytest.raises(RuntimeError):
        engine(failing(SECRETS, opens=opens))
    text = assert_discreet(path)
    assert "Traceback" in text
    assert "Executing plan" in text
    assert ("[run " if opens else "[withheld]") in text


def test_a_plan_that_is_a_list_of_messages_is_logged_without_its_words(
    logged: tuple[SessionEngine, Path],
) -> None:
    engine, path = logged
    messages = [*bp.count([det], md=SECRETS)]
    engine(messages, customer="Company Alpha")
    assert_discreet(path)


def test_words_of_the_engine_and_of_the_call_are_withheld(
    logged: tuple[SessionEngine, Path],
) -> None:
    engine, path = logged
    engine.md["sample"] = SECRETS["sample"]
    engine(bp.count([det]), customer="Company Alpha")
    logging.getLogger("nanoterasu").error("S-0815 of Company Alpha is K7: %r", engine.md)
    assert_discreet(path)


def test_a_short_word_is_withheld_where_it_stands_alone() -> None:
    words = Withheld()
    words.learn_start({"uid": "0123456789", "sample": "Fe"})
    assert words.without("Fe in February") == "[run 01234567] in February"


def test_names_of_plans_and_devices_keep_a_log_readable() -> None:
    words = Withheld()
    words.learn_start(
        {"uid": "0123456789", "plan_name": "xas", "detectors": ["i0"], "unit_id": "U"}
    )
    assert words.without("xas of i0 for U failed") == "xas of i0 for U failed"


def test_when_a_party_leaves_its_words_are_forgotten() -> None:
    words = Withheld()
    words.learn({"sample": "alloy K7"})
    words.forget()
    assert "K7" not in repr(vars(words))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"technique": "XMCD"}, "XMCD 01234567"),
        ({"technique": "secret alloy"}, "run 01234567"),
        ({"technique": ["XAS"]}, "run 01234567"),
        ({"plan_name": "scan_of_secret_alloy"}, "run 01234567"),
    ],
)
def test_a_title_is_a_word_of_the_house_and_a_short_uid(given: dict[str, Any], shown: str) -> None:
    assert title({"uid": "0123456789", **given}) == shown


def test_progress_and_its_last_line_name_nobody(
    endstation: Any, capsys: pytest.CaptureFixture
) -> None:
    engine = endstation.engine()
    engine.subscribe(Watching())
    engine(bp.count([det], md={"technique": "secret alloy", "sample": "secret alloy"}))
    said = capsys.readouterr()
    assert "1 points, success" in said.out
    assert "secret" not in said.out + said.err
