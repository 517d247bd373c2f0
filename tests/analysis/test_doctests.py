import doctest
import importlib

import pytest

PRIVATE = [
    "_integrals",
    "_lines",
    "_moments",
    "_rixs_frames",
    "_rixs_lines",
    "_rixs_shifts",
    "_scale",
    "_spectra",
    "_sum_rules",
]


@pytest.mark.parametrize("name", [*PRIVATE, "figures", "rixs", "xas", "xmcd"])
def test_examples_in_docstrings_hold(name: str) -> None:
    module = importlib.import_module(f"nanoterasu.analysis.{name}")
    assert doctest.testmod(module).failed == 0
