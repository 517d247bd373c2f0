"""How far images have moved against each other, and moving them back."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray


def shifts(stack: xr.DataArray, reference: int = 0) -> NDArray[np.float64]:
    """How far each image is from that number ``reference``, shape (image, 2), y and x [pixel].

    Phase correlation of the gradients (C. D. Kuglin and D. C. Hines, Proc. IEEE Conf. Cybernetics
    and Society, 163 (1975)), whose peak is refined to a part of a pixel by
    parabolas.

    Examples
    --------
    >>> y, x = np.mgrid[:64, :64]
    >>> spot = lambda cx: np.exp(-((x - cx) ** 2 + (y - 30) ** 2) / 18.0)
    >>> shifts(xr.DataArray([spot(30), spot(33.5)], dims=("image", "y", "x"))).round(1)[1] + 0.0
    array([0. , 3.5])
    """
    from scipy.signal.windows import tukey

    data = np.asarray(stack.values, dtype=float)
    ny, nx = data.shape[1:]
    window = np.outer(tukey(ny, 0.25), tukey(nx, 0.25)) if ny > 2 else tukey(nx, 0.25)
    spectra = np.fft.fft2(np.stack([_edges(image) * window for image in data]))
    up, across = np.fft.fftfreq(ny)[:, None], np.fft.fftfreq(nx)[None, :]
    # What varies from pixel to pixel is noise.
    low = np.exp(-((up**2 + across**2) / 0.15**2))
    found = []
    for spectrum in spectra:
        cross = spectrum * np.conj(spectra[reference])
        peak = np.fft.ifft2(low * cross / np.maximum(np.abs(cross), 1e-12 * np.abs(cross).max()))
        found.append(_peak(np.real(peak)))
    return np.array(found)


def align(stack: xr.Dataset, moved: NDArray[np.float64], variable: str = "od") -> xr.Dataset:
    """Shift the images of ``variable`` back by ``moved`` [pixel], (image, 2) as `shifts` gives.

    Pixels that come from outside the image are NaN.
    """
    from scipy.ndimage import shift

    data = stack[variable]
    back = [
        shift(image, -by, order=1, mode="constant", cval=np.nan)
        for image, by in zip(data.values, moved, strict=True)
    ]
    return stack.assign({variable: (data.dims, np.array(back), data.attrs)})


def _edges(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Size of the gradient: the same whether a feature is brighter or darker than what is by it."""
    across = np.gradient(image, axis=1)
    return np.abs(across) if image.shape[0] < 2 else np.hypot(across, np.gradient(image, axis=0))


def _peak(correlation: NDArray[np.float64]) -> list[float]:
    """Place of the highest value, shape (2,) [pixel], by parabolas through its logarithm."""
    shape = correlation.shape
    top = np.unravel_index(np.argmax(correlation), shape)
    place = []
    for axis, n in enumerate(shape):
        near = np.take(correlation, [(top[axis] + k) % n for k in (-1, 0, 1)], axis=axis)
        values = near[(slice(None), top[1]) if axis == 0 else (top[0], slice(None))]
        # What the low-pass filter makes of a sharp peak is a Gaussian.
        left, middle, right = np.log(np.maximum(values, 1e-6 * values[1]))
        bend = left - 2 * middle + right
        fine = float(top[axis]) + (0.5 * (left - right) / bend if bend < 0 else 0.0)
        place.append(float(fine - n if fine > n / 2 else fine))
    return place
