"""A Tiled that is away, slow or broken, and a network that loses what was said."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from nanoterasu.records import ShipState

from .endstation import Endstation
from .network import Network, first
from .proxy import Fault, Request

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

PAUSE = threading.Event()  # never set


def reads(request: Request) -> bool:
    return request.method == "GET"


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.SLOW])
def test_requests_that_fail_are_made_up_for_and_not_doubled(network: Network, fault: Fault) -> None:
    before = network.proxy.faults()
    struck = first(1, reads, Request.creates, Request.appends)
    network.proxy.fault = lambda request: fault if struck(request) else None
    network.measure(1)
    network.assert_exactly_once()
    assert network.proxy.faults() - before == 3


def test_runs_measured_while_tiled_is_down_arrive_when_it_is_back(network: Network) -> None:
    network.proxy.fault = lambda request: None
    network.endstation.kill("tiled")
    network.measure(2)
    state = ShipState(network.endstation.spool)
    while state.status().state != "waiting":
        PAUSE.wait(0.02)
    assert "nothing is lost" in state.status().message
    network.endstation.start("tiled")
    network.assert_exactly_once()


def test_the_scan_keeps_its_pace_while_tiled_is_slow(
    network: Network, endstation: Endstation
) -> None:
    """In turn with one that has no shipper, three times, for others use this machine too."""
    network.proxy.fault = lambda request: Fault.SLOW
    before = network.proxy.faults()
    ratios, longest = [], []
    for _ in range(3):
        alone = endstation.measure(len(network.children), 2)
        alone.join()
        slow = network.measure(2)
        usual, held = np.diff(alone.heard_at), np.diff(slow.heard_at)
        assert len(held) == len(usual) > 10
        ratios.append([np.quantile(held, part) / np.quantile(usual, part) for part in (0.5, 0.9)])
        longest.append(held.max())
    assert network.proxy.faults() > before, "Tiled was not slow"
    # One request in the scan's way would hold it for 1 s.
    assert (np.min(ratios, axis=0) < (1.5, 2.0)).all(), ratios
    assert min(longest) < 0.5, longest
    network.proxy.fault = lambda request: None
    network.assert_exactly_once()
