"""Every beamline's table, and every line of it."""

from operator import attrgetter

import pytest
from ophyd import Device

from nanoterasu.beamlines import AddressError, Beamline, device, station, table, tables
from nanoterasu.devices import Motor, Ramp
from nanoterasu.facility import rules

TABLES = list(tables().values())
LINES = [(cls, line) for cls in TABLES for line in cls.lines().values()]
every_table = pytest.mark.parametrize("cls", TABLES, ids=lambda cls: cls.__name__)
every_line = pytest.mark.parametrize(
    ("cls", "line"), LINES, ids=[f"{cls.__name__}.{line.name}" for cls, line in LINES]
)


@pytest.fixture(scope="module")
def simulated() -> dict[type[Beamline], Beamline]:
    return {cls: cls(simulated=True) for cls in TABLES}


@every_table
def test_a_code_is_the_name_of_its_class_in_a_module_of_that_name(cls: type[Beamline]) -> None:
    assert table(cls.__name__.lower()) is cls
    assert cls.__module__.rpartition(".")[2] == cls.__name__.lower()
    assert cls.__name__.endswith(cls.port)


@every_table
def test_a_table_says_what_it_is(cls: type[Beamline]) -> None:
    assert cls.__doc__
    assert cls.__doc__ != Beamline.__doc__
    assert cls.stations
    assert cls.techniques


@every_table
def test_the_energies_are_those_of_a_synchrotron(cls: type[Beamline]) -> None:
    low, high = cls.energy_range
    assert 10.0 <= low < high <= 200e3


@every_table
def test_no_two_lines_share_a_suffix(cls: type[Beamline]) -> None:
    suffixes = [line.suffix for line in cls.lines().values() if line.suffix]
    assert len(suffixes) == len(set(suffixes))


@every_table
def test_the_baseline_is_made_of_the_tables_own_lines(cls: type[Beamline]) -> None:
    own = list(cls.lines().values())
    assert cls.baseline
    assert all(line in own for line in cls.baseline)


@every_table
def test_every_interlock_names_a_signal_that_exists(
    cls: type[Beamline], simulated: dict[type[Beamline], Beamline]
) -> None:
    for interlock in cls.interlocks:
        assert attrgetter(interlock.signal)(simulated[cls]).name
        assert interlock.at_least is not None or interlock.at_most is not None


@every_table
def test_what_an_interlock_looks_at_is_not_optional(cls: type[Beamline]) -> None:
    for interlock in cls.interlocks:
        assert not cls.lines()[interlock.signal.partition(".")[0]].optional


@every_line
def test_a_line_is_shared_or_of_a_station_of_its_table(
    cls: type[Beamline], line: device[Device]
) -> None:
    assert line.station is None or line.station in cls.stations
    for setting in line.settings.values():  # what it builds upon is there where it is
        if isinstance(setting, device):
            assert setting.station in (None, line.station)


@every_table
def test_a_station_is_found_by_its_code(cls: type[Beamline]) -> None:
    known = {rule.scope["station"] for rule in rules("stations")}
    for code in cls.stations:
        assert station(code.lower()) == (cls, code)
        assert cls(simulated=True, station=code).station == code
        assert code in known
    with pytest.raises(LookupError, match=cls.stations[0]):
        station(f"{cls.__name__}-NOWHERE")


@every_line
def test_every_axis_says_in_what_unit_it_is(
    cls: type[Beamline], line: device[Device], simulated: dict[type[Beamline], Beamline]
) -> None:
    built = getattr(simulated[cls], line.name)
    for part in [built, *(below for _, below in built.walk_subdevices(include_lazy=True))]:
        if isinstance(part, Motor):
            assert part.units, part.name
        elif isinstance(part, Ramp):
            assert part.egu, part.name


@every_table
def test_without_an_address_nothing_is_built(cls: type[Beamline]) -> None:
    with pytest.raises(AddressError) as error:
        cls()
    said = str(error.value)
    assert f"NANOTERASU_PREFIX_{cls.__name__}" in said
    assert f"nanoterasu twin {cls.__name__}" in said


@every_line
def test_a_device_is_built_and_bears_its_lines_name(
    cls: type[Beamline], line: device[Device], simulated: dict[type[Beamline], Beamline]
) -> None:
    built = getattr(simulated[cls], line.name)
    assert built.name == line.name
    assert isinstance(built, line.cls)
    assert getattr(simulated[cls], line.name) is built
    assert built.prefix == line.suffix


@every_line
def test_a_device_class_says_what_it_is(cls: type[Beamline], line: device[Device]) -> None:
    assert line.cls.__doc__
    assert line.cls.__module__.startswith("nanoterasu.devices")
    assert line.suffix == "" or line.suffix.endswith(":")


@every_line
def test_a_devices_columns_begin_with_its_name(
    cls: type[Beamline], line: device[Device], simulated: dict[type[Beamline], Beamline]
) -> None:
    built = getattr(simulated[cls], line.name)
    signals = [*built.walk_signals(include_lazy=False)]
    assert all(each.item.name.startswith(line.name) for each in signals)


def test_an_unknown_beamline_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(LookupError) as error:
        table("BL99X")
    said = str(error.value.args[0])
    assert "'BL99X'" in said
    assert all(cls.__name__ in said for cls in TABLES)


def test_what_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    beamline = TABLES[0](simulated=True)
    name, built = next(iter(beamline.devices().items()))

    def never(timeout: float) -> None:
        raise TimeoutError

    monkeypatch.setattr(built, "wait_for_connection", never)
    with pytest.raises(ConnectionError, match=rf"no answer within 0\.5 s from {name} below"):
        beamline.connect(timeout=0.5)
