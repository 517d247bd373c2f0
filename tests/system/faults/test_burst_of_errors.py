"""A Tiled that answers with an error for a while, and is well again."""

from __future__ import annotations

import pytest

from .network import Network, first
from .proxy import Fault, Request

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_a_burst_of_errors_gives_no_run_up(network: Network) -> None:
    before = network.proxy.faults()
    struck = first(5, Request.appends)
    network.proxy.fault = lambda request: Fault.ERROR_500 if struck(request) else None
    network.measure(1)
    network.assert_exactly_once()
    assert network.proxy.faults() - before == 5
