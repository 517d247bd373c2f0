"""Images: onto a grid, to optical density, aligned, subtracted; against known answers."""

import numpy as np
import pytest
import xarray as xr

from nanoterasu.analysis import stxm

X, Y = np.linspace(-3.0, 3.0, 61), np.linspace(-2.0, 2.0, 41)


def rows(transmissions: list[np.ndarray], helicity: list[float], energy: float = 706.8):
    """Rows of images, in the order of time."""
    x, y = np.meshgrid(X, Y)
    n = x.size
    columns = {
        "fine_x": np.tile(x.ravel(), len(transmissions)),
        "fine_y": np.tile(y.ravel(), len(transmissions)),
        "transmission": np.concatenate([2e-9 * each.ravel() for each in transmissions]),
        "i0": np.full(n * len(transmissions), 1e-9),
        "energy": np.full(n * len(transmissions), energy),
        "zone_plate_z": np.full(n * len(transmissions), 4560.0),
        "helicity": np.repeat(helicity, n),
        "image": np.repeat(np.arange(len(transmissions)), n),
    }
    return xr.Dataset({name: ("time", values) for name, values in columns.items()})


def film(od: float, contrast: float = 0.0, edge: float = -1.0) -> np.ndarray:
    x, _ = np.meshgrid(X, Y)
    domains = np.where(np.sin(2 * np.pi * x) >= 0, 1.0, -1.0)
    return np.where(x > edge, np.exp(-(od + contrast / 2 * domains)), 1.0)


def test_optical_density_and_its_error_are_those_of_the_film() -> None:
    generator = np.random.default_rng(3)
    counted = generator.poisson(1e5 * film(1.2)) / 1e5
    found = stxm.optical_density(stxm.images(rows([counted], [0.0])), {"x": (-3.0, -1.5)})
    inside = found["od"].sel(x=slice(-0.5, 3.0)).values
    error = found["od_error"].sel(x=slice(-0.5, 3.0)).values
    assert inside.mean() == pytest.approx(1.2, abs=3e-3)
    assert inside.std() == pytest.approx(error.mean(), rel=0.1)


def test_domains_are_the_difference_of_the_helicities() -> None:
    sides = [film(1.0, 0.4), film(1.0, -0.4)]
    stack = stxm.optical_density(stxm.images(rows(sides, [1.0, -1.0])), {"x": (-3.0, -1.5)})
    found = stxm.magnetic(stack)
    up = found["xmcd"].sel(x=0.25, method="nearest")
    down = found["xmcd"].sel(x=0.75, method="nearest")
    assert up.values == pytest.approx(0.4)
    assert down.values == pytest.approx(-0.4)
    assert found["od"].sel(x=slice(0, 3)).values == pytest.approx(1.0)


def test_one_helicity_makes_no_difference() -> None:
    stack = stxm.optical_density(stxm.images(rows([film(1.0)], [1.0])), {"x": (-3.0, -1.5)})
    with pytest.raises(ValueError, match="needs both helicities at one energy"):
        stxm.magnetic(stack)


def test_an_image_that_was_broken_off_is_named() -> None:
    whole = rows([film(1.0), film(1.0)], [0.0, 0.0])
    with pytest.raises(ValueError, match="one of them is not complete"):
        stxm.images(whole.isel(time=slice(0, -7)))


def test_an_empty_area_needs_pixels() -> None:
    images = stxm.images(rows([film(1.0)], [0.0]))
    with pytest.raises(ValueError, match="holds 0 pixels"):
        stxm.optical_density(images, {"x": (7.0, 8.0)})


@pytest.mark.parametrize("moved", [(0.0, 0.0), (1.3, -2.6), (-3.0, 4.5)])
def test_a_stack_is_aligned_whatever_its_contrast(moved: tuple[float, float]) -> None:
    generator = np.random.default_rng(5)
    y, x = np.mgrid[:60, :80].astype(float)

    def image(dy: float, dx: float, height: float) -> np.ndarray:
        places = [(20, 30, 4.0), (38, 52, 6.0), (25, 60, 3.0)]
        spots = [
            np.exp(-((y - py - dy) ** 2 + (x - px - dx) ** 2) / (2 * w**2)) for py, px, w in places
        ]
        return height * np.sum(spots, axis=0) + generator.normal(0.0, 0.005, x.shape)

    stack = xr.Dataset({"od": (("image", "y", "x"), [image(0, 0, 1.0), image(*moved, 0.5)])})
    found = stxm.shifts(stack["od"])
    assert found[1] == pytest.approx(moved, abs=0.25)
    back = stxm.align(stack, found)["od"].values
    inside = (slice(10, 50), slice(15, 70))
    assert 2 * back[1][inside] == pytest.approx(back[0][inside], abs=0.12)


def test_a_focus_that_lies_nowhere_is_not_given() -> None:
    z = np.linspace(-10.0, 10.0, 5)
    with pytest.raises(ValueError, match="no smallest one"):
        stxm.best_focus(z, np.sqrt(1.0 - 1e-3 * z**2), np.full(5, 1e-3))
