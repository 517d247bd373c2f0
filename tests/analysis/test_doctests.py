import doctest
import importlib

import pytest

PRIVATE = [
    *("_arpes_figure", "_cuts", "_fermi_edge", "_places"),
    *("_integrals", "_lines", "_moments", "_scale", "_spectra", "_sum_rules"),
    *("_rixs_frames", "_rixs_lines", "_rixs_shifts"),
]
PUBLIC = ("arpes", "figures", "rixs", "spin", "xas", "xmcd", "xps")


@pytest.mark.parametrize("name", [*PRIVATE, *PUBLIC])
def test_examples_in_docstrings_hold(name: str) -> None:
    module = importlib.import_module(f"nanoterasu.analysis.{name}")
    assert doctest.testmod(module).failed == 0
