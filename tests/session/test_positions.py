"""Named sample positions: kept with the beamtime, gone to by a plan, told in the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bluesky import RunEngine
from ophyd import Component, Device, SoftPositioner

from nanoterasu.plans import SamplePosition, dry_run, go_to
from nanoterasu.session._positions import SamplePositions


class Stage(Device):
    """Two axes."""

    x = Component(SoftPositioner, init_pos=1.5, limits=(-5, 5))
    theta = Component(SoftPositioner, init_pos=30.0, limits=(-90, 90))


@pytest.fixture
def stage() -> Any:
    return Stage("", name="sample")


@pytest.fixture
def positions(tmp_path: Path, stage: Any) -> SamplePositions:
    return SamplePositions(tmp_path, stage)


def test_a_place_is_saved_under_a_name_with_its_sample(
    positions: SamplePositions, tmp_path: Path
) -> None:
    positions.save("film", id="S-1", name="iron film")
    again = SamplePositions(tmp_path, None)
    assert again["film"] == SamplePosition(
        "film", {"x": 1.5, "theta": 30.0}, {"id": "S-1", "name": "iron film"}
    )
    assert "film: x 1.5, theta 30" in repr(again)
    assert (tmp_path / "positions.json").stat().st_mode & 0o077 == 0


def test_a_plan_goes_back_to_it(positions: SamplePositions, stage: Any) -> None:
    saved = positions.save("film")
    stage.x.move(-2.0)
    stage.theta.move(0.0)
    assert dry_run(go_to(stage, saved)).moves == {
        "sample_x": (1.5, 1.5),
        "sample_theta": (30.0, 30.0),
    }
    RunEngine({}, context_managers=[])(go_to(stage, saved))
    assert (stage.x.position, stage.theta.position) == (1.5, 30.0)


def test_beyond_the_limits_nothing_moves(stage: Any) -> None:
    with pytest.raises(Exception, match="9"):
        RunEngine({}, context_managers=[])(go_to(stage, SamplePosition("far", {"x": 9.0})))
    assert stage.x.position == 1.5


def test_a_manipulator_without_the_axes_is_refused(stage: Any) -> None:
    with pytest.raises(ValueError, match="sample has no axis chi, which the position 'tilted'"):
        dry_run(go_to(stage, SamplePosition("tilted", {"chi": 1.0})))


def test_an_unknown_name_is_answered_with_those_that_there_are(
    positions: SamplePositions,
) -> None:
    positions.save("film")
    with pytest.raises(KeyError, match="no position is called 'flim'; there are: film"):
        positions["flim"]
    positions.forget("film")
    assert len(positions) == 0


@pytest.mark.parametrize("name", ["", "../film", "iron film", "x" * 60])
def test_a_name_that_is_none_is_refused(positions: SamplePositions, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a position"):
        positions.save(name)


def test_a_file_that_was_spoilt_is_named(positions: SamplePositions, tmp_path: Path) -> None:
    (tmp_path / "positions.json").write_text("[1, 2")
    with pytest.raises(ValueError, match=r"positions\.json is not understood"):
        positions.save("film")
