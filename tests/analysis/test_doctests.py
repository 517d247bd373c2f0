import doctest
import importlib

import pytest

PRIVATE = ["_alignment", "_integrals", "_lines", "_moments", "_scale", "_spectra", "_sum_rules"]
PRIVATE += ["_widths"]


@pytest.mark.parametrize("name", [*PRIVATE, "figures", "stxm", "xas", "xmcd"])
def test_examples_in_docstrings_hold(name: str) -> None:
    module = importlib.import_module(f"nanoterasu.analysis.{name}")
    assert doctest.testmod(module).failed == 0
