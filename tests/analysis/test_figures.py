from collections.abc import Callable
from io import BytesIO

import xarray as xr

from nanoterasu.analysis.figures import xmcd_figure
from nanoterasu.analysis.xmcd import spectra, sum_rules, xmcd


def test_the_figure_shows_units_moments_and_no_other_name(
    make_run: Callable[..., xr.Dataset],
) -> None:
    data = xmcd(spectra(make_run(noise=0.01)), element="Fe")
    moments = sum_rules(data, element="Fe", holes=3.4, circular_polarisation=1.0)
    figure = xmcd_figure(data, moments, title="code 7")
    figure.savefig(BytesIO(), format="svg")
    labels = [axes.get_xlabel() + axes.get_ylabel() for axes in figure.axes]
    assert all("eV" in label or "edge steps" in label for label in labels)
    texts = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    assert f"{moments.spin:.2f}"[:3] in texts
    assert figure.get_suptitle() == "code 7"
