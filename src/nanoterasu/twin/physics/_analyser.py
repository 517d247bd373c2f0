"""What a hemispherical analyser does to the electrons that come to it."""

from __future__ import annotations

MEAN_RADIUS = 200.0  # mm; assumed, the size usual for this work
ANGULAR_RESOLUTION = 0.1  # deg, full width at half maximum, in angular modes; assumed
WORK_FUNCTION = 4.40  # eV, of the analyser; assumed
REFERENCE_SLIT = 0.5  # mm, at which the intensities of the models are given


def analyser_resolution(pass_energy: float, slit: float) -> float:
    """Energy resolution [eV], full width at half maximum: E_p·s/(2 R).

    The width that the entrance slit leaves in the first order of a hemisphere of mean radius R;
    see Hüfner, Photoelectron Spectroscopy (2003), chapter 1 (recalled).

    Parameters
    ----------
    pass_energy : float [eV]
    slit : float [mm]

    >>> analyser_resolution(20.0, 0.2)
    0.01
    """
    return pass_energy * slit / (2.0 * MEAN_RADIUS)


def collected(*, width: float, acceptance: float, slit: float) -> float:
    """Electrons in a channel [1] per electron of the model's intensity per eV and deg.

    Parameters
    ----------
    width : float [eV]
        Of energy that the channel gathers.
    acceptance : float [deg]
        Of angle that it gathers.
    slit : float [mm]
        Entrance slit: twice as wide, it lets twice as much in.
    """
    return width * acceptance * slit / REFERENCE_SLIT
