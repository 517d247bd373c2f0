"""One RunEngine in a console: another refuses, until the session is closed."""

from __future__ import annotations

from typing import Any

import bluesky.plans as bp
import pytest
from bluesky import RunEngine
from ophyd.sim import SynSignal

from nanoterasu.session import SecondEngineError, SessionEngine
from nanoterasu.session._second import only_engine

det: Any = SynSignal(name="det", func=lambda: 1.0)


class Mine(RunEngine):
    """A person's own."""


def test_only_the_sessions_engine_runs_plans_while_the_session_is_open(endstation: Any) -> None:
    engine = endstation.engine()
    seen: list[str] = []
    strangers = [
        RunEngine(),
        Mine(),
        SessionEngine(lambda md: md, lambda name, doc: seen.append(name)),
    ]
    with only_engine(lambda: engine):
        for stranger in strangers:
            with pytest.raises(SecondEngineError, match=r"Use RE, .*RE\(xas"):
                stranger(bp.count([det]))
        assert seen == []
        engine(bp.count([det]))
    assert [name for name, _ in endstation.documents] == ["start", "descriptor", "event", "stop"]


def test_after_the_session_any_engine_runs_again(endstation: Any) -> None:
    before = RunEngine.__call__
    with only_engine(endstation.engine):
        assert RunEngine.__call__ is not before
    assert RunEngine.__call__ is before
    seen: list[str] = []
    RunEngine()(bp.count([det]), lambda name, doc: seen.append(name))
    assert seen[-1] == "stop"
