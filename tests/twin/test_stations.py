"""BL07U's twin: one light for three stations, each with a sample of its own."""

from __future__ import annotations

import numpy as np
import pytest

from nanoterasu.beamlines import tables
from nanoterasu.devices import gap_for
from nanoterasu.twin._axis import Axis
from nanoterasu.twin._clock import Clock
from nanoterasu.twin._families import BUILDERS
from nanoterasu.twin._hemisphere import Look
from nanoterasu.twin._instruments import Motors
from nanoterasu.twin._motor import MotorRecord
from nanoterasu.twin._stations import Ferromagnet, PatternedFilm
from nanoterasu.twin._table import SimulatedBeamline
from nanoterasu.twin.physics import (
    EXCHANGE_SPLITTING,
    FERROMAGNET,
    PATTERN_SPOT,
    SAMPLES,
    SQUARE,
    WORK_FUNCTION,
    exchange_split,
    pattern_oxide,
)

LIGHT = 1000.0  # eV
IRON = 706.8  # eV, 2p3/2


@pytest.fixture
def twin() -> SimulatedBeamline:
    """The twin, in light of `LIGHT`."""
    built = SimulatedBeamline(tables()["BL07U"], Clock(50.0), SAMPLES["Fe"], 0, BUILDERS)
    period = tables()["BL07U"].lines()["undulator"].settings["period"]
    stands(built, "mono", ENERGY=LIGHT)
    stands(built, "undulator", GAP=gap_for(LIGHT, "linear_horizontal", period))
    return built


def stands(twin: SimulatedBeamline, line: str, **places: float) -> None:
    """Have axes of a line stand elsewhere."""
    motors = twin.instruments[line]
    assert isinstance(motors, Motors)
    for suffix, place in places.items():
        axis = Axis("", -1e9, 1e9, 1.0, start=place)
        motors.motors[suffix] = MotorRecord(f"TEST:{suffix}", axis, twin.clock)


def seen(model: PatternedFilm | Ferromagnet, kinetic: np.ndarray) -> np.ndarray:
    look = Look(kinetic, np.zeros(1), 0.0, 0.05, WORK_FUNCTION)
    return model.intensity(look, 0.0)[0]


def model_of(twin: SimulatedBeamline, line: str) -> PatternedFilm | Ferromagnet:
    return twin.instruments[line]._hemisphere._model  # type: ignore[attr-defined]


@pytest.mark.parametrize("energy", [50.0, 100.0, 400.0, 853.0, 855.0, 1500.0, 2000.0])
def test_the_undulator_reaches_every_energy_in_horizontal_light(energy: float) -> None:
    settings = tables()["BL07U"].lines()["undulator"].settings
    assert 12.0 <= gap_for(energy, "linear_horizontal", settings["period"]) <= 200.0


def test_a_stage_moves_the_sample_of_its_station_alone(twin: SimulatedBeamline) -> None:
    kinetic = np.array([LIGHT - WORK_FUNCTION - IRON])
    lit = seen(model_of(twin, "esca_analyser"), kinetic)
    drain = twin.electrometers["tey"].measure(np.array([1.0]), 0.1)
    stands(twin, "rixs_sample", X=12.0)
    assert twin.electrometers["tey"].measure(np.array([1.0]), 0.1) < 0.1 * drain
    assert seen(model_of(twin, "esca_analyser"), kinetic) == lit


def test_the_optics_are_those_of_all(twin: SimulatedBeamline) -> None:
    kinetic = np.array([LIGHT - WORK_FUNCTION - IRON])
    lines = ("esca_analyser", "arpes_analyser")
    lit = [seen(model_of(twin, line), kinetic) for line in lines]
    drain = twin.electrometers["tey"].measure(np.array([1.0]), 0.1)
    stands(twin, "undulator", GAP=150.0)
    dark = [seen(model_of(twin, line), kinetic) for line in lines]
    assert all(after < 0.1 * before for before, after in zip(lit, dark, strict=True))
    assert twin.electrometers["tey"].measure(np.array([1.0]), 0.1) < 0.1 * drain


def test_the_spot_finds_the_pattern_where_the_fine_stage_says(twin: SimulatedBeamline) -> None:
    kinetic = np.array([LIGHT - WORK_FUNCTION - IRON])
    metal = []
    for x in (SQUARE / 2, 3 * SQUARE / 2):
        stands(twin, "esca_stage", X=x, Y=SQUARE / 2)
        metal.append(float(seen(model_of(twin, "esca_analyser"), kinetic)[0]))
    assert metal[1] > 2 * metal[0]  # the first square is oxidised


def test_the_edge_of_a_square_is_as_wide_as_the_spot() -> None:
    x = np.linspace(SQUARE - 0.2, SQUARE + 0.2, 801)
    slope = -np.gradient(pattern_oxide(x, SQUARE / 2), x)
    middle = np.average(x, weights=slope)
    assert middle == pytest.approx(SQUARE, abs=1e-3)
    width = np.sqrt(np.average((x - middle) ** 2, weights=slope))
    assert width == pytest.approx(PATTERN_SPOT, rel=0.01)


def test_the_majority_lies_deeper_by_the_exchange() -> None:
    majority, minority = exchange_split(FERROMAGNET, EXCHANGE_SPLITTING)
    assert majority.band(0.3, 0.1) - minority.band(0.3, 0.1) == pytest.approx(-EXCHANGE_SPLITTING)


@pytest.mark.parametrize(
    ("turned", "along"),
    [({}, (0, 1, 0)), ({"PHI": 180.0}, (0, -1, 0)), ({"PHI": 90.0}, (-1, 0, 0))],
)
def test_the_magnetisation_turns_with_the_sample(
    twin: SimulatedBeamline, turned: dict[str, float], along: tuple[float, ...]
) -> None:
    stands(twin, "arpes_sample", **turned)
    model = model_of(twin, "arpes_analyser")
    assert isinstance(model, Ferromagnet)
    assert model.magnetisation(0.0) == pytest.approx(along)
