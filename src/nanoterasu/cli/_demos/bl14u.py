"""BL14U's demo: thickness, domains and edge of an iron film by STXM, its moments by fast XMCD."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanoterasu.twin import SAMPLES

from . import Found

if TYPE_CHECKING:
    from nanoterasu.records import Run

BEAMTIME = "EX-0014"
SAMPLE = "Fe"
EDGE = "Fe L2,3"
L3 = 706.8  # eV
EMPTY = {"x": (-3.5, -2.5)}  # um, beside the film
CONTINUUM = (690.0, 735.0)  # eV, before and behind the edge


def plans(line: Any) -> Sequence[Any]:
    """Return a focus scan, a stack through the edge, a magnetic image, and a fast sweep."""
    from nanoterasu.plans import Region, stxm_focus, stxm_image, stxm_stack, xmcd_fly

    about = {"sample": {"id": "S-1", "name": f"{SAMPLE} film"}, "purpose": "demonstration"}
    light = line.undulator.polarisation
    z = line.zone_plate.z_for(700.0)
    stack = [Region(CONTINUUM[0], 702, 6), Region(702, 711, 1), Region(711, 717, 3)]
    stack += [Region(717, 723, 1), Region(723, CONTINUUM[1], 6)]
    return [
        stxm_focus(
            line.raster, line.zone_plate.z, z, span=40.0, steps=9,
            centre=(-2.0, -1.9), length=2.0, pixel=0.02, dwell=2e-2, md=about,
        ),
        stxm_stack(
            line.raster, line.focused_energy, stack,
            centre=(-0.5, 0.0), size=(6.0, 3.6), pixel=0.2, dwell=2e-3, md=about,
        ),
        stxm_image(
            line.raster, line.focused_energy, L3, centre=(-0.5, 0.0), size=(6.0, 4.0),
            pixel=0.1, dwell=4e-3, polarisation=light, order="+-", md=about,
        ),
        xmcd_fly(
            line.continuous, line.energy, 690.0, 752.0, points=621, dwell=0.1, edge=EDGE,
            switch=line.helicity_switch, rate=5.0, polarisation=light,
            field=line.magnet.field, at=1.0, md=about,
        ),
    ]  # fmt: skip


def reduce(runs: Sequence[Run], plot: Path) -> Found:
    """Reduce focus, film, domains and moments, and draw them."""
    from nanoterasu.twin.physics import CIRCULAR_DEGREE, FILM

    focus, film, domains, sweep = runs
    offset, edge = _focus(focus)
    stack, thickness = _film(film)
    line = _line(stack)
    image, contrast = _domains(domains)
    moments = _moments(sweep, CIRCULAR_DEGREE)
    truth = SAMPLES[SAMPLE]
    full = _full_contrast()
    _figure(stack, image, contrast).savefig(plot, dpi=150)
    return Found(
        values={
            "focus_offset": offset[0],
            "thickness": thickness[0],
            "contrast": contrast[0],
            "edge": edge[0],
            "l3": line[0],
            "orbital": moments.orbital,
            "spin": moments.spin,
            "uncertainties": {
                "focus_offset": offset[1],
                "thickness": thickness[1],
                "contrast": contrast[1],
                "edge": edge[1],
                "l3": line[1],
                "orbital": moments.orbital_uncertainty,
                "spin": moments.spin_uncertainty,
            },
        },
        told=[
            f"focus offset {_said(offset, 2)} um (twin: 0.00)",
            f"film thickness {_said(thickness, 2)} nm (twin: {FILM.thickness:.2f})",
            f"film edge at x = {_said(edge, 3)} um (twin: {FILM.edge:.3f})",
            f"L3 at {_said(line, 2)} eV (twin: {L3:.2f})",
            f"domain contrast, OD+ - OD- at L3, {_said(contrast, 3)} (twin: {full:.3f})",
            f"spin {_said((moments.spin, moments.spin_uncertainty), 2)} μB, from one sweep "
            f"(twin: {truth.spin_moment:.2f})",
        ],
    )


def _said(value: tuple[float, float], digits: int) -> str:
    return f"{value[0]:.{digits}f} ± {value[1]:.{digits}f}"


def _focus(run: Run) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where the edge is sharpest, less the focal length; and where the edge is there [um]."""
    import numpy as np

    from nanoterasu.analysis import stxm
    from nanoterasu.devices import focal_length
    from nanoterasu.twin.physics import OUTERMOST_ZONE, ZONE_PLATE_DIAMETER

    lines = stxm.images(run.primary)
    x, z = lines["x"].values, lines["zone_plate_z"].values
    fits = np.array([stxm.edge_place(x, line[0]) for line in lines["intensity"].values])
    offset, error = stxm.best_focus(z, fits[:, 2], fits[:, 3])
    offset -= (focal := focal_length(700.0, ZONE_PLATE_DIAMETER, OUTERMOST_ZONE))
    # The stage of the zone plate does not run true: the edge moves evenly with it.
    line, covariance = np.polyfit(z - focal - offset, fits[:, 0], 1, w=1 / fits[:, 1], cov=True)
    return (offset, error), (float(line[1]), float(np.sqrt(covariance[1, 1])))


def _line(stack: Any) -> tuple[float, float]:
    """Energy of the white line [eV], by a parabola through the three highest points."""
    import numpy as np

    film = stack["od"].sel(x=slice(-1.3, 2.0), y=slice(-2.0, 2.0)).mean(("y", "x")).values
    energy, top = stack["energy"].values, int(np.argmax(film))
    left, middle, right = film[top - 1 : top + 2]
    step = energy[top + 1] - energy[top]
    place = energy[top] + step / 2 * (left - right) / (left - 2 * middle + right)
    # The line is no parabola: a fifth of a step stands for that.
    return float(place), 0.2 * float(step)


def _film(run: Run) -> tuple[Any, tuple[float, float]]:
    """Aligned stack, and the film's thickness [nm] from its optical density off resonance."""
    import numpy as np

    from nanoterasu.analysis import stxm
    from nanoterasu.twin.physics import absorption, density

    images = stxm.optical_density(stxm.images(run.primary), EMPTY)
    moved = stxm.shifts(images["od"], reference=images.sizes["image"] // 2)
    stack = stxm.align(images, moved)
    film = stack.sel(x=slice(-1.3, 0.2), y=slice(-2.0, 2.0))
    found, weights = [], []
    for energy in CONTINUUM:
        image = film.isel(image=int(np.argmin(np.abs(stack["energy"].values - energy))))
        mu = float(absorption(energy, SAMPLES[SAMPLE])) * density(SAMPLE) * 1e-7  # per nm
        # The empty area's mean has an error of its own, which all pixels share.
        error = np.hypot(
            float(image["od_error"].mean()) / np.sqrt(image["od"].size),
            float(images["od_error"].min()) / np.sqrt(7 * images.sizes["y"]),
        )
        found.append(float(image["od"].mean()) / mu)
        weights.append((mu / error) ** 2)
    return stack, (float(np.average(found, weights=weights)), float(np.sum(weights) ** -0.5))


def _domains(run: Run) -> tuple[Any, tuple[float, float]]:
    """Magnetic image, and contrast of the domains on the film."""
    import numpy as np

    from nanoterasu.analysis import stxm

    image = stxm.magnetic(stxm.optical_density(stxm.images(run.primary), EMPTY))
    inside = image.sel(x=slice(-1.8, 0.3))["xmcd"].values
    # Without what is within a spot of a wall, where both domains show.
    sizes = np.abs(inside)
    flat = sizes[sizes > 0.8 * np.median(sizes)]
    error = float(np.std(flat) / np.sqrt(flat.size))
    return image, (float(np.median(flat)), max(error, 2e-3))


def _full_contrast() -> float:
    from nanoterasu.twin.physics import CIRCULAR_DEGREE, FILM, density, dichroism, resolution

    width = resolution(L3, 30.0)
    delta = float(dichroism(L3, SAMPLES[SAMPLE], width)) * CIRCULAR_DEGREE
    return abs(delta) * density(SAMPLE) * FILM.thickness * 1e-7


def _moments(run: Run, degree: float) -> Any:
    from nanoterasu.analysis import xmcd

    field = float(run.read("field")["magnet_field"].values.mean())
    dichroism = xmcd.xmcd(xmcd.spectra(run.primary, field=field), element=SAMPLE)
    holes = SAMPLES[SAMPLE].holes
    return xmcd.sum_rules(dichroism, element=SAMPLE, holes=holes, circular_polarisation=degree)


def _figure(stack: Any, image: Any, contrast: tuple[float, float]) -> Any:
    """Draw optical density, spectrum of the film, magnetic image."""
    import numpy as np
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure = Figure(figsize=(10.5, 3.6), layout=ConstrainedLayoutEngine(w_pad=0.12))
    density, spectrum, magnetic = figure.subplots(1, 3)
    film = stack.sel(x=slice(-1.3, 2.0), y=slice(-2.0, 2.0))["od"]
    for axes, values, kind in ((density, image["od"], "od"), (magnetic, image["xmcd"], "xmcd")):
        limit = 1.3 * contrast[0]
        scale = {"cmap": "viridis"} if kind == "od" else {
            "cmap": "PuOr", "vmin": -limit, "vmax": limit}  # fmt: skip
        drawn = axes.pcolormesh(image["x"], image["y"], values, rasterized=True, **scale)
        axes.set_aspect("equal")
        axes.set_xlabel("x (µm)")
        axes.set_ylabel("y (µm)")
        figure.colorbar(drawn, ax=axes, shrink=0.75)
    density.set_title("Optical density, 706.8 eV", fontsize=10)
    magnetic.set_title("OD$_+$ − OD$_-$: domains", fontsize=10)
    spectrum.plot(
        stack["energy"], np.nanmean(film.values, axis=(1, 2)), "o-", color="#0072B2", markersize=4
    )
    spectrum.set_xlabel("Photon energy (eV)")
    spectrum.set_ylabel("Optical density of the film")
    spectrum.set_title("From the aligned stack", fontsize=10)
    for side in ("top", "right"):
        spectrum.spines[side].set_visible(False)
    return figure
