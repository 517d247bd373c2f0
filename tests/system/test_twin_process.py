"""The twin as a process: it starts, says where it is, and never outlives who wanted it."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ophyd import EpicsSignalRO

from nanoterasu.twin import TwinError, TwinProcess

pytestmark = pytest.mark.system


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def ends(pid: int, timeout: float = 10.0) -> bool:
    end = time.monotonic() + timeout
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(pid)


def test_while_it_answers_a_note_says_where(home: Path) -> None:
    note = home / "run" / "twin-BL13U.json"
    with TwinProcess("BL13U", home=home, speed=2.0) as process:
        about = json.loads(note.read_text())
        assert about == {
            "address": "127.0.0.1",
            "port": process.port,
            "repeater_port": process.repeater_port,
            "pid": process.pid,
            "prefix": "TWIN:BL13U-",
            "speed": 2.0,
        }
        assert stat.S_IMODE(note.parent.stat().st_mode) == 0o700
    assert not note.exists()


def test_a_port_that_is_taken_is_said_with_what_to_do(twin: TwinProcess) -> None:
    with pytest.raises(TwinError, match=rf"port {twin.port} .*another port") as refused:
        TwinProcess("BL13U", port=twin.port).start()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"beamline": "BL13Q"}, "BL13Q"),
        ({"sample": "Unobtainium"}, "Unobtainium"),
        ({"speed": 0.0}, "positive speed"),
    ],
)
def test_what_cannot_be_simulated_is_said_in_a_paragraph(settings: dict, said: str) -> None:
    with pytest.raises(TwinError, match=said) as refused:
        TwinProcess(**settings).start()
    assert "Traceback" not in str(refused.value)


def test_a_folder_that_cannot_hold_the_note_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "home"
    blocked.write_text("a file")
    with pytest.raises(TwinError, match=r"twin-BL13U\.json.*can be written"):
        TwinProcess("BL13U", home=blocked).start()


def test_it_dies_with_a_parent_that_is_killed() -> None:
    script = (
        "from nanoterasu.twin import TwinProcess\n"
        "twin = TwinProcess('BL13U').start()\n"
        "print(twin.pid, flush=True)\n"
        "input()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert alive(pid)
    parent.kill()
    parent.wait()
    assert ends(pid)
    parent.communicate()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_when_it_is_told_to(home: Path, ending: signal.Signals) -> None:
    process = TwinProcess("BL13U", home=home).start()
    pid = process.pid
    assert pid is not None
    os.kill(pid, ending)
    assert ends(pid)
    assert process.said() == ""
    assert not (home / "run" / "twin-BL13U.json").exists()
    process.stop()


def test_a_restarted_twin_is_found_again_by_the_same_client(fresh_twin: TwinProcess) -> None:
    current = EpicsSignalRO(fresh_twin.prefix + "SR-DCCT-01:CURRENT", name="current")
    current.wait_for_connection(timeout=10)
    port = fresh_twin.port
    fresh_twin.kill()
    end = time.monotonic() + 5.0
    while current.connected and time.monotonic() < end:
        time.sleep(0.01)
    assert not current.connected
    fresh_twin.start()
    assert fresh_twin.port == port
    current.wait_for_connection(timeout=30)
    assert current.get() == pytest.approx(399.5, abs=1.0)
    current.destroy()


def test_a_frozen_twin_lives_and_answers_nothing_until_it_thaws(fresh_twin: TwinProcess) -> None:
    current = EpicsSignalRO(fresh_twin.prefix + "SR-DCCT-01:CURRENT", name="current")
    current.wait_for_connection(timeout=30)
    fresh_twin.freeze()
    assert fresh_twin.running
    with pytest.raises(TimeoutError):
        current.get(use_monitor=False, timeout=0.2)
    fresh_twin.thaw()
    assert current.get(use_monitor=False, timeout=5.0) == pytest.approx(399.5, abs=1.0)
    current.destroy()


def test_at_rest_it_takes_next_to_no_time_of_the_processor(twin: TwinProcess) -> None:
    ticks = os.sysconf("SC_CLK_TCK")

    def used() -> float:
        fields = Path(f"/proc/{twin.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / ticks

    before = used()
    time.sleep(2.0)
    assert used() - before < 0.1


def test_the_ioc_is_no_client_of_channel_access(twin: TwinProcess) -> None:
    libraries = Path(f"/proc/{twin.pid}/maps").read_text()
    assert "libca.so" not in libraries
